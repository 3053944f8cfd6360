import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secrets } from '#api/generated/kinds.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata } from '#testing/objects.ts';
import { tokenCleaner } from './token-cleaner.ts';

const key = 'kube-system/bootstrap-token-abcdef';
const rows: [
  what: string,
  expiration: string | undefined,
  type: string,
  steps: string[],
  againInMs?: number,
][] = [
  ['expired', '2026-01-01T12:00:00Z', 'bootstrap.kubernetes.io/token', ['delete']],
  ['with no time', 'soon', 'bootstrap.kubernetes.io/token', ['delete']],
  ['still good', '2026-01-01T13:00:00+00:00', 'bootstrap.kubernetes.io/token', [], 3_600_000],
  ['good for ever', undefined, 'bootstrap.kubernetes.io/token', []],
  ['of another type', '2025-01-01T12:00:00Z', 'Opaque', []],
];
for (const [what, expiration, type, steps, againInMs] of rows) {
  test(`the Secret of a bootstrap token – ${what} – ${steps[0] ?? 'stays'}`, async () => {
    const metadata = storedMetadata('bootstrap-token-abcdef', { namespace: 'kube-system' });
    const data: Record<string, string> = expiration
      ? { expiration: Buffer.from(expiration).toString('base64') }
      : {};
    const controller = new DryController(tokenCleaner).put(secrets, { metadata, type, data });
    assert.deepEqual(controller.woken(), type === 'Opaque' ? [] : [key]);
    const plan = await controller.plan(key);
    assert.deepEqual([plan.actions.map((step) => step.do), plan.againInMs], [steps, againInMs]);
  });
}
