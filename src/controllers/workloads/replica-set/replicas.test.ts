import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replicaSets } from '#api/generated/kinds.gen.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { allowUpTo } from '#testing/controllers/allowance.ts';
import { printed } from '#testing/controllers/plans.ts';
import { storedReplicaSet } from '#testing/objects/workloads.ts';
import { storedPod } from '#testing/objects.ts';
import { rankForDeletion } from '../../shared/deletion-ranking.ts';
import { decideReplicas, type Replicated } from './replicas.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => rfc3339(nowMs - seconds * 1000);

function replicaSet(
  replicas: number,
  spec: Partial<NonNullable<ReplicaSet['spec']>> = {},
): Stored<ReplicaSet> {
  const metadata = { uid: 'rs', creationTimestamp: ago(600), generation: 2 };
  return storedReplicaSet('web', { metadata, spec: { replicas, ...spec } });
}

interface PodTraits {
  node?: string;
  phase?: string;
  readyFor?: number;
  age?: number;
  cost?: string;
  restarts?: number;
  deleting?: boolean;
}

function pod(name: string, traits: PodTraits = {}): Stored<Pod> {
  const { node, phase, readyFor, age = 600, cost, restarts: restartCount = 0, deleting } = traits;
  return storedPod(name, {
    metadata: {
      creationTimestamp: ago(age),
      labels: { app: 'web' },
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      ...(deleting ? { deletionTimestamp: ago(1) } : {}),
    },
    ...(node ? { node } : {}),
    ...(phase ? { phase } : {}),
    ...(readyFor === undefined ? {} : { ready: ago(readyFor) }),
    status: { containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount }] },
  });
}

function withSidecar(pod: Stored<Pod>, restartCount: number): Stored<Pod> {
  const status = { name: 's', image: '', imageID: '', ready: true, restartCount };
  return {
    ...pod,
    spec: { containers: [], ...pod.spec, initContainers: [{ name: 's', restartPolicy: 'Always' }] },
    status: { ...pod.status, initContainerStatuses: [status] },
  };
}

function decide(owner: Stored<ReplicaSet>, pods: Stored<Pod>[], mayChange = true): Plan {
  const view = {
    type: replicaSets as ResourceType<Replicated>,
    owner,
    pods,
    related: () => pods,
    mayChange,
    nowMs,
    allowance: allowUpTo(500),
    reportsTerminating: true,
  };
  return decideReplicas(view);
}

function changes(plan: Plan) {
  const together = plan.actions.find((action) => action.do === 'together');
  return together?.do === 'together' ? together : undefined;
}

function statusOf(actions: readonly Action[]): ReplicaSetStatus | undefined {
  const action = actions.find((action) => action.do === 'updateStatus');
  return action?.do === 'updateStatus' ? (action.object as ReplicaSet).status : undefined;
}

test('missing pods – created slowly from the template, owned by the ReplicaSet', () => {
  const plan = decide(replicaSet(3), [pod('a', { readyFor: 60 }), pod('b', { deleting: true })]);
  const { actions, slowStart } = changes(plan)!;
  assert.equal(slowStart, true);
  assert.equal(actions.length, 2, 'a pod being deleted is no longer counted');
  const created = actions[0]!.do === 'create' ? actions[0]!.object : undefined;
  assert.equal(created?.metadata?.generateName, 'web-');
  assert.deepEqual(created?.metadata?.labels, { app: 'web' });
  assert.equal(created?.metadata?.ownerReferences?.[0]?.uid, 'rs');
  assert.deepEqual(statusOf(plan.actions), {
    replicas: 1,
    fullyLabeledReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    terminatingReplicas: 1,
    observedGeneration: 2,
  });
});

test('a view that is not current – nothing is created or deleted', () => {
  assert.equal(changes(decide(replicaSet(3), [], false)), undefined);
});

test('a creation that is refused – an event and a condition say why', () => {
  const plan = decide(replicaSet(1), []);
  assert.deepEqual(printed(plan), [
    'together slow-start expected',
    '  create Pod default/web-*',
    '    then event Normal SuccessfulCreate "Created pod: <name>"',
    '    if failed event Warning FailedCreate "Error creating: <error>"',
    '  if failed status ReplicaSet default/web with the failure in ReplicaFailure',
    'status ReplicaSet default/web',
  ]);
  const condition = statusOf(changes(plan)?.ifFailed ?? [])?.conditions?.[0];
  assert.equal(condition?.type, 'ReplicaFailure');
  assert.equal(condition?.reason, 'FailedCreate');
});

test('a creation that goes on being refused – the first failure stands', () => {
  const before = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'at first' };
  const owner = { ...replicaSet(1), status: { replicas: 0, conditions: [before] } };
  const [step] = changes(decide(owner, []))?.ifFailed ?? [];
  assert.ok(step?.do === 'updateStatus');
  assert.equal(step.failureIn, undefined);
  assert.deepEqual(statusOf([step])?.conditions, [before]);
});

test('a ready pod – minReadySeconds have passed – available, and looked at again then', () => {
  const plan = decide(replicaSet(2, { minReadySeconds: 30 }), [
    pod('a', { readyFor: 40 }),
    pod('b', { readyFor: 12 }),
  ]);
  assert.equal(statusOf(plan.actions)?.availableReplicas, 1);
  assert.equal(plan.againInMs, 18_000);
});

describe('surplus pods – deleted in the order of their rank', () => {
  const cases: [string, Stored<Pod>, Stored<Pod>][] = [
    ['unassigned before assigned', pod('a'), pod('b', { node: 'n1' })],
    ['pending before running', pod('a', { node: 'n1', phase: 'Pending' }), pod('b', { node: 'n1' })],
    ['not ready before ready', pod('a', { node: 'n1' }), pod('b', { node: 'n1', readyFor: 5 })],
    [
      'lower cost first',
      pod('a', { node: 'n1', cost: '-1', readyFor: 900 }),
      pod('b', { node: 'n1', readyFor: 5 }),
    ],
    [
      'ready for a shorter time first',
      pod('a', { node: 'n1', readyFor: 5 }),
      pod('b', { node: 'n1', readyFor: 500 }),
    ],
    ['more restarts first', pod('a', { node: 'n1', restarts: 3 }), pod('b', { node: 'n1', restarts: 1 })],
    [
      'more sidecar restarts first',
      withSidecar(pod('a', { node: 'n1' }), 2),
      withSidecar(pod('b', { node: 'n1' }), 1),
    ],
    ['younger first', pod('a', { node: 'n1', age: 10 }), pod('b', { node: 'n1', age: 1000 })],
    ['about the same age: by uid', pod('a', { node: 'n1', age: 1000 }), pod('b', { node: 'n1', age: 900 })],
  ];
  for (const [name, first, second] of cases) {
    test(name, () => {
      const ranked = rankForDeletion([second, first], [], nowMs).map(({ metadata }) => metadata.name);
      assert.deepEqual(ranked, [first.metadata.name, second.metadata.name]);
    });
  }
  test('pods to delete – several on one node – are those of that node first', () => {
    const crowded = [pod('a', { node: 'n1' }), pod('b', { node: 'n2' }), pod('c', { node: 'n2' })];
    assert.equal(rankForDeletion(crowded, crowded, nowMs).at(-1)?.metadata.name, 'a');
  });
});
