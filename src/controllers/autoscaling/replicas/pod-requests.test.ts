import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { requestsByPod } from './pod-requests.ts';

interface Row {
  readonly kind: string;
  readonly pods: readonly Stored<Pod>[];
  readonly container: string;
  readonly resource: string;
  readonly requests?: Readonly<Record<string, number>>;
  readonly error?: string;
}

const rows = upstreamTable<Row>('autoscaling.jsonl').filter(({ kind }) => kind === 'requests');

for (const [i, { pods, container, resource, requests, error }] of rows.entries()) {
  test(`pods of upstream’s case ${i} – asked for their requests – have upstream’s`, () => {
    const ask = () => requestsByPod(pods, container, resource);
    if (error) assert.throws(ask, { message: error });
    else {
      const found = [...ask()].map(([name, amount]) => [name, Number(amount)]);
      assert.deepEqual(Object.fromEntries(found), requests);
    }
  });
}

test('a container that no pod has – asked for its requests – is an error', () => {
  const pods = [{ metadata: { name: 'p' }, spec: { containers: [{ name: 'a' }] } }] as Stored<Pod>[];
  assert.throws(() => requestsByPod(pods, 'b', 'cpu'), { message: 'container b not found in Pod p' });
});
