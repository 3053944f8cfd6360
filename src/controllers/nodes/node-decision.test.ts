import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Taint } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { printed } from '#testing/controllers/plans.ts';
import { longAgo, storedNode, storedPod } from '#testing/objects.ts';
import { decideNode, lossOf, type NodeView, unregister } from './node-decision.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const now = '2026-01-01T12:00:00Z';
const unreachable = 'node.kubernetes.io/unreachable';

function decide(node: Stored<Node>, view: Partial<NodeView> = {}): string[] {
  const plan = decideNode({
    node,
    nowMs,
    silentMs: 10_000,
    isRegistered: true,
    evictions: { mayBegin: () => true, areOff: false },
    pods: () => [],
    markedFor: lossOf(node),
    remember: (loss) => ({ do: 'special', step: 'rememberMarked', about: loss, data: {} }),
    ...view,
  });
  return printed(plan);
}

const taint = (key: string, effect: string): Taint => ({ key, effect, timeAdded: now });
const patchOf = (...taints: Taint[]) =>
  `patch Node n ${JSON.stringify({ metadata: { resourceVersion: '1' }, spec: { taints } })}`;
const both = [taint(unreachable, 'NoSchedule'), taint(unreachable, 'NoExecute')];
const unknown = (...taints: Taint[]) => storedNode('n', { ready: 'Unknown', spec: { taints } });
const again = (ms: number) => `again after ${ms} ms`;

const rows: [string, Stored<Node>, Partial<NodeView>, string[]][] = [
  ['that is well', storedNode('n'), {}, [again(40_000)]],
  [
    'that is seen first',
    storedNode('n'),
    { isRegistered: false },
    ['event Normal RegisteredNode "Node n event: Registered Node n in Controller"', again(40_000)],
  ],
  [
    'silent for too long',
    storedNode('n'),
    { silentMs: 50_000 },
    ['status Node n', 'event Normal NodeNotReady "Node n status is now: NodeNotReady"'],
  ],
  [
    'that has never spoken, for a minute',
    { ...storedNode('n'), status: {} },
    { silentMs: 59_000 },
    [again(1_000)],
  ],
  [
    'that has never spoken, for longer',
    { ...storedNode('n'), status: {} },
    { silentMs: 60_000 },
    ['status Node n'],
  ],
  ['that is unknown', unknown(), {}, [patchOf(...both), again(5_000)]],
  ['that has its taints', unknown(...both), {}, [again(40_000)]],
  [
    'of a zone in which no pod may be evicted now',
    unknown(),
    { evictions: { mayBegin: () => false, areOff: false } },
    [patchOf(both[0]!), again(5_000)],
  ],
  [
    'of a cluster that is all dark',
    unknown(...both),
    { evictions: { mayBegin: () => true, areOff: true } },
    [patchOf(both[0]!), again(40_000)],
  ],
  ['that is ready again', storedNode('n', { spec: { taints: both } }), {}, [patchOf(), again(40_000)]],
];
for (const [name, node, view, expected] of rows) {
  test(`a node ${name} – ${expected.length} steps`, () => assert.deepEqual(decide(node, view), expected));
}

test('a node that stops being ready – its ready pods are marked, once for each loss', () => {
  const node = unknown(...both);
  const pods = () => [storedPod('serving', { ready: longAgo }), storedPod('idle')];
  const condition = { type: 'Ready', status: 'False', lastTransitionTime: now };
  const patch = JSON.stringify({ metadata: { uid: 'serving' }, status: { conditions: [condition] } });
  assert.deepEqual(decide(node, { pods, markedFor: undefined }), [
    'event Warning NodeNotReady "Node is not ready"',
    `patch Pod default/serving/status ${patch} ignoring NotFound, Conflict`,
    `rememberMarked Unknown ${longAgo}`,
    again(40_000),
  ]);
  assert.deepEqual(decide(node, { pods }), [again(40_000)]);
});

test('a node that is gone – an event says so', () => {
  assert.deepEqual(printed(unregister(storedNode('n'))), [
    'event Normal RemovingNode "Node n event: Removing Node n from Controller"',
  ]);
});
