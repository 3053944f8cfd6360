import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, pods, secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata, storedPod } from '#testing/objects.ts';
import { legacyTokenCleaner } from './legacy-token-cleaner.ts';

const now = '2026-06-15T12:00:00Z';
const name = 'kube-apiserver-legacy-service-account-token-tracking';
const lastUsed = 'kubernetes.io/legacy-token-last-used';
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

interface Row {
  readonly since?: string;
  readonly labels?: Record<string, string>;
  readonly created?: string;
  readonly listed?: boolean;
  readonly mounted?: boolean;
}

// biome-ignore format: a table
const rows: [what: string, row: Row, steps: string[]][] = [
  ['never used', {}, ['patch']],
  ['used a year ago and a day', { labels: { [lastUsed]: '2025-06-14' } }, ['patch']],
  ['used a year ago', { labels: { [lastUsed]: '2025-06-15' } }, []],
  ['with no date of use', { labels: { [lastUsed]: 'x' } }, []],
  ['new', { created: '2025-06-16T00:00:00Z' }, []],
  ['of which uses are not noted long enough', { since: '2025-06-15' }, []],
  ['made by hand', { listed: false }, []],
  ['that a pod mounts', { mounted: true }, []],
  ['invalid for less than a year', { labels: { [invalidSince]: '2025-06-15' } }, []],
  ['invalid for more', { labels: { [invalidSince]: '2025-06-14' } }, ['delete']],
];
for (const [
  what,
  { since = '2025-06-14', labels = {}, created = '2020-01-01T00:00:00Z', listed = true, mounted },
  steps,
] of rows) {
  test(`a legacy token – ${what} – ${steps[0] ?? 'stays'}`, async () => {
    const controller = new DryController(legacyTokenCleaner, { now });
    controller.put(configMaps, {
      metadata: storedMetadata(name, { namespace: 'kube-system' }),
      data: { since },
    });
    controller.put(serviceAccounts, {
      metadata: storedMetadata('build', { namespace: 'n' }),
      secrets: listed ? [{ name: 't' }] : [],
    });
    if (mounted) {
      const volumes = [{ name: 'v', secret: { secretName: 't' } }];
      controller.put(pods, storedPod('p', { metadata: { namespace: 'n' }, spec: { volumes } }));
    }
    const annotations = { 'kubernetes.io/service-account.name': 'build' };
    controller.put(secrets, {
      metadata: {
        ...storedMetadata('t', { namespace: 'n', labels, annotations }),
        creationTimestamp: created,
      },
      type: 'kubernetes.io/service-account-token',
    });
    assert.deepEqual(controller.woken(), ['all']);
    const { actions, againInMs } = await controller.plan('all');
    assert.deepEqual([actions.map((step) => step.do), againInMs], [steps, 24 * 3600 * 1000]);
  });
}
