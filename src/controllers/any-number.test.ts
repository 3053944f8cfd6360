/** Any number of replicas: a single plan has a bounded size. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replicaSets } from '#api/generated/kinds.gen.ts';
import type { Job, Pod, ReplicaSet, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { allowUpTo } from '#testing/controllers/allowance.ts';
import { decideJob } from './workloads/job/decide.ts';
import { decideReplicas } from './workloads/replica-set/replicas.ts';
import { decideStatefulSet } from './workloads/stateful-set/decide.ts';
import { podOfStatefulSet } from './workloads/stateful-set/pod.ts';

const int32Max = 2 ** 31 - 1;
const creationsMax = 30;
const allowance = allowUpTo(creationsMax);
const nowMs = Date.parse('2026-01-01T12:00:00Z');
const selector = { matchLabels: { a: 'b' } };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const metadata = {
  name: 'brick',
  namespace: 'n',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};

function changesOf(plan: Plan): Extract<Action, { do: 'together' }>['actions'] {
  return plan.actions.flatMap((action) => (action.do === 'together' ? action.actions : []));
}

function namesMade(plan: Plan): (string | undefined)[] {
  return changesOf(plan).map((action) => (action.do === 'create' ? action.object.metadata?.name : ''));
}

function decideSet(spec: Partial<NonNullable<StatefulSet['spec']>>, ordinals: readonly number[] = []): Plan {
  const set = { metadata, spec: { selector, template, serviceName: 's', ...spec } } as Stored<StatefulSet>;
  const pods = ordinals.map((ordinal) => {
    const pod = podOfStatefulSet(set, ordinal, template, 'r');
    return { ...pod, metadata: { ...metadata, ...pod.metadata, uid: String(ordinal) } } as Stored<Pod>;
  });
  const revision = { name: 'r', template };
  const claim = () => undefined;
  return decideStatefulSet({ set, pods, current: revision, update: revision, claim, nowMs, allowance });
}

test('a Parallel StatefulSet – of any size – is created in rounds, the lowest ordinals first', () => {
  const huge = { replicas: int32Max, podManagementPolicy: 'Parallel' };
  const first = namesMade(decideSet(huge));
  assert.deepEqual(
    first,
    Array.from({ length: creationsMax }, (_, ordinal) => `brick-${ordinal}`),
  );
  const next = namesMade(decideSet(huge, [0, 1, 2, 5]));
  assert.deepEqual(next.slice(0, 3), ['brick-3', 'brick-4', 'brick-6']);
  assert.equal(next.length, creationsMax);
  const late = namesMade(decideSet({ ...huge, ordinals: { start: int32Max } }));
  assert.equal(late.length, creationsMax);
  assert.equal(namesMade(decideSet({ ...huge, podManagementPolicy: 'OrderedReady' })).length, 1);
});

test('a StatefulSet – far too many pods – is reduced in rounds, the highest ordinals first', () => {
  const many = Array.from({ length: 1200 }, (_, ordinal) => ordinal);
  const removed = changesOf(decideSet({ replicas: 0, podManagementPolicy: 'Parallel' }, many));
  assert.equal(removed.length, 500);
  assert.equal(removed[0]?.do === 'delete' && removed[0].name, 'brick-1199');
});

test('a ReplicaSet – of any size – is created in rounds', () => {
  const owner = { metadata, spec: { replicas: int32Max, selector, template } } as Stored<ReplicaSet>;
  const view = {
    type: replicaSets,
    owner,
    pods: [],
    related: () => [],
    mayChange: true,
    nowMs,
    allowance,
  };
  assert.equal(changesOf(decideReplicas({ ...view, reportsTerminating: true })).length, 30);
});

function decideHugeJob(spec: Partial<Job['spec']>, status: Job['status'] = {}): Plan {
  const job = {
    metadata,
    spec: { parallelism: int32Max, completions: int32Max, selector, template, ...spec },
    status,
  } as Stored<Job>;
  const failures = { count: 0, lastAtMs: 0 };
  return decideJob({ job, pods: [], failures, mayChange: true, nowMs, allowance });
}

test('a Job – of any size, with indexes or without – is created in rounds', () => {
  assert.equal(changesOf(decideHugeJob({})).length, creationsMax);
  const indexed = { completionMode: 'Indexed', parallelism: 100_000 };
  assert.equal(changesOf(decideHugeJob(indexed)).length, creationsMax);
});

test('an Indexed Job – all of two thousand million indexes but the last have ended – the last is found at once', () => {
  const spec = {
    completionMode: 'Indexed',
    parallelism: 10,
    backoffLimitPerIndex: 1,
    successPolicy: { rules: [{ succeededIndexes: `0-${int32Max - 1}` }] },
  };
  const half = 2 ** 30;
  const status = { completedIndexes: `0-${half}`, failedIndexes: `${half + 1}-${int32Max - 2}` };
  const made = changesOf(decideHugeJob(spec, status));
  const pod = made[0]?.do === 'create' ? (made[0].object as Pod) : undefined;
  assert.equal(made.length, 1);
  assert.equal(pod?.metadata?.labels?.['batch.kubernetes.io/job-completion-index'], String(int32Max - 1));
});

test('a set – no allowance now – asks again soon, and still reports', async (t) => {
  const nothing = { allowance: allowUpTo(0), nowMs };
  const set = { metadata, spec: { selector, template, replicas: int32Max, podManagementPolicy: 'Parallel' } };
  const revision = { name: 'r', template };
  const view = { set: set as unknown as Stored<StatefulSet>, pods: [], claim: () => undefined };
  const plans = {
    StatefulSet: decideStatefulSet({ ...view, ...nothing, current: revision, update: revision }),
    ReplicaSet: decideReplicas({
      ...nothing,
      type: replicaSets,
      owner: { metadata, spec: { replicas: int32Max, selector, template } } as Stored<ReplicaSet>,
      pods: [],
      related: () => [],
      mayChange: true,
      reportsTerminating: true,
    }),
  };
  for (const [kind, { againInMs, actions }] of Object.entries(plans)) {
    await t.test(kind, () => {
      assert.deepEqual([againInMs, actions.map((action) => action.do)], [1000, ['updateStatus']]);
    });
  }
});
