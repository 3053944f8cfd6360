/** View in, plan out, for pod GC, node ranges, TTL steps, namespace conditions and the root CA. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Namespace, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { printed } from '#testing/plans.ts';
import { afterDeletion } from './namespaces/namespace.ts';
import { publish } from './namespaces/root-ca.ts';
import { NodeRanges } from './nodes/node-ipam.ts';
import { collect, missingLongEnough, type PodGcView } from './nodes/pod-gc.ts';
import { stepFor } from './nodes/ttl.ts';

const creationTimestamp = '2026-01-01T00:00:00Z';

function pod(
  name: string,
  more: Partial<Pod['metadata']> & { nodeName?: string; phase?: string } = {},
): Stored<Pod> {
  const { nodeName, phase, ...metadata } = more;
  return {
    metadata: { name, namespace: 'd', uid: name, resourceVersion: '1', creationTimestamp, ...metadata },
    spec: { containers: [], ...(nodeName ? { nodeName } : {}) },
    status: phase ? { phase } : {},
  };
}

test('pod GC: which pods go', () => {
  const pods = [
    pod('young', { phase: 'Succeeded', creationTimestamp: '2026-01-02T00:00:00Z' }),
    pod('old', { phase: 'Failed' }),
    pod('running', { nodeName: 'here' }),
    pod('lost', { nodeName: 'gone' }),
    pod('never placed', { deletionTimestamp: creationTimestamp }),
  ];
  const here = { metadata: { name: 'here', uid: 'h', resourceVersion: '1', creationTimestamp } };
  const view: PodGcView = {
    pods,
    node: (name) => (name === 'here' ? here : undefined),
    lostNodes: new Set(),
    nowMs: 0,
    endedPodsMax: 1,
  };
  const node = (name: string) => view.node(name);
  const missingSinceMs = new Map<string, number>();
  const missingAt = (monotonicMs: number) => missingLongEnough(pods, node, missingSinceMs, monotonicMs);
  assert.deepEqual(missingAt(0), [], 'a missing node is quarantined');
  assert.deepEqual(missingAt(40_000), ['gone']);
  const failed = '{"metadata":{"uid":"never placed"},"status":{"phase":"Failed"}}';
  assert.deepEqual(printed(collect(view)), [
    'delete Pod d/old ignoring any refusal',
    `patch Pod d/never placed/status ${failed} ignoring any refusal`,
    '  then delete Pod d/never placed ignoring any refusal',
  ]);
  const names = collect({ ...view, lostNodes: new Set(['gone']) }).map(
    (action) => 'name' in action && action.name,
  );
  assert.deepEqual(names, ['old', 'lost', 'never placed']);
});

test('node ranges: one each, kept, reused last', () => {
  const ranges = new NodeRanges('10.244.0.0/22', 24);
  ranges.keep('known', '10.244.0.0/24');
  assert.equal(ranges.take('a'), '10.244.1.0/24');
  assert.equal(ranges.take('a'), '10.244.1.0/24');
  assert.equal(ranges.take('b'), '10.244.2.0/24');
  ranges.release('a');
  assert.equal(ranges.take('c'), '10.244.3.0/24');
  assert.equal(ranges.take('d'), '10.244.1.0/24');
  assert.equal(ranges.take('e'), undefined);
});

test('TTL steps up and down without flapping', () => {
  assert.equal(stepFor(100, 0), 0);
  assert.equal(stepFor(101, 0), 1);
  assert.equal(stepFor(95, 1), 1);
  assert.equal(stepFor(89, 1), 0);
  assert.equal(stepFor(5000, 0), 4);
});

test('namespace: waits for what is left, then finalizes', () => {
  const namespace: Stored<Namespace> = {
    metadata: { name: 'n', uid: 'u', resourceVersion: '1', creationTimestamp },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Terminating' },
  };
  const nothing = {
    counts: new Map(),
    finalizers: new Map(),
    discoveryFailures: [],
    deletionFailures: [],
    estimateSeconds: 0,
  };
  assert.deepEqual(printed(afterDeletion(namespace, nothing, 0)), [
    'status Namespace n',
    'finalize Namespace n',
  ]);
  const left = {
    ...nothing,
    counts: new Map([['pods.', 2]]),
    finalizers: new Map([['x/y', 1]]),
    estimateSeconds: 30,
  };
  const plan = afterDeletion(namespace, left, 0);
  assert.equal(plan.againInMs, 16_000);
  const [action] = plan.actions;
  assert.ok(action?.do === 'updateStatus');
  const { conditions } = (action.object as Namespace).status!;
  assert.deepEqual(
    conditions!
      .filter(({ status }) => status === 'True')
      .map(({ reason, message }) => `${reason}: ${message}`),
    [
      'SomeResourcesRemain: Some resources are remaining: pods. has 2 resource instances',
      'SomeFinalizersRemain: Some content in the namespace has finalizers remaining: x/y in 1 resource instances',
    ],
  );
});

test('root CA: created, corrected, left alone', () => {
  const [create] = publish('n', undefined, 'PEM');
  assert.ok(create?.do === 'create');
  const existing = {
    ...create.object,
    metadata: {
      ...create.object.metadata,
      name: 'kube-root-ca.crt',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp,
    },
  };
  assert.deepEqual(publish('n', existing, 'PEM'), []);
  assert.equal(publish('n', existing, 'NEW')[0]?.do, 'update');
});
