import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '#api/generated/types.gen.ts';
import { storedNode } from '#testing/objects.ts';
import { type DetachVerdict, detachVerdict, unmountTimeoutMs } from './detach.ts';

const ready = storedNode('n');
const unready = storedNode('n', { ready: 'Unknown' });
const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
const late = unmountTimeoutMs + 1;

const rows: [
  title: string,
  node: Node | undefined,
  isInUse: boolean,
  afterMs: number,
  verdict: DetachVerdict,
][] = [
  ['not in use', ready, false, 0, 'detach'],
  ['in use', ready, true, 0, { waitMs: unmountTimeoutMs + 1 }],
  ['in use for long, the node is ready', ready, true, late, { waitMs: undefined }],
  ['in use, the node is not ready', unready, true, 1000, { waitMs: unmountTimeoutMs - 999 }],
  ['in use for six minutes, the node is not ready', unready, true, late, 'timeout'],
  ['in use, the node is out of service', storedNode('n', { spec: { taints } }), true, 0, 'out-of-service'],
  ['in use, the node is gone', undefined, true, 0, { waitMs: unmountTimeoutMs + 1 }],
  ['in use for six minutes, the node is gone', undefined, true, late, 'timeout'],
  ['not in use, the node is gone', undefined, false, 0, 'detach'],
];
for (const [title, node, isInUse, afterMs, verdict] of rows) {
  test(`volume – ${title} – ${JSON.stringify(verdict)}`, () => {
    assert.deepEqual(detachVerdict({ node, isInUse, wantedSinceMs: 0, nowMs: afterMs }), verdict);
  });
}
