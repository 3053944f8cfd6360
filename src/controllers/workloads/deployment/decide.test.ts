import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Deployment,
  DeploymentSpec,
  DeploymentStatus,
  Pod,
  ReplicaSet,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { podTemplate, storedReplicaSet } from '#testing/objects/workloads.ts';
import { storedMetadata } from '#testing/objects.ts';
import { type DeploymentChanges, decideDeployment } from './decide.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => rfc3339(nowMs - seconds * 1000);
const template = (image: string) => podTemplate('web', image);

function deployment(spec: Partial<DeploymentSpec> = {}, status?: DeploymentStatus): Stored<Deployment> {
  return {
    metadata: storedMetadata('web', {
      namespace: 'default',
      uid: 'd',
      creationTimestamp: ago(600),
      generation: 1,
    }),
    spec: {
      replicas: 10,
      selector: { matchLabels: { app: 'web' } },
      template: template('v2'),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...spec,
    },
    ...(status ? { status } : {}),
  };
}

interface Sizes {
  image: string;
  replicas: number;
  available?: number;
  revision: number;
  desired?: number;
  max?: number;
  age?: number;
}

function replicaSet(sizes: Sizes): Stored<ReplicaSet> {
  const { image, replicas, available = replicas, revision, desired = 10, max = 13, age = 100 } = sizes;
  return storedReplicaSet(`web-${image}`, {
    metadata: {
      uid: image,
      creationTimestamp: ago(age - revision),
      generation: 1,
      annotations: {
        'deployment.kubernetes.io/revision': `${revision}`,
        'deployment.kubernetes.io/desired-replicas': `${desired}`,
        'deployment.kubernetes.io/max-replicas': `${max}`,
      },
    },
    spec: { replicas, selector: {}, template: template(image), minReadySeconds: 0 },
    status: {
      replicas,
      availableReplicas: available,
      readyReplicas: available,
      terminatingReplicas: 0,
      observedGeneration: 1,
    },
  });
}

function decide(
  owner: Stored<Deployment>,
  replicaSets: Stored<ReplicaSet>[],
  pods: Record<string, Stored<Pod>[]> = {},
): DeploymentChanges {
  return decideDeployment({
    deployment: owner,
    replicaSets,
    podsOf: ({ metadata }) => pods[metadata.uid] ?? [],
    nowMs,
  });
}

const messages = (decision: DeploymentChanges) => decision.events.map(({ message }) => message);
const condition = (decision: DeploymentChanges, type: string) => {
  const found = decision.status.conditions?.find((owner) => owner.type === type);
  return found && `${found.status} ${found.reason}: ${found.message}`;
};

test('a new deployment – its ReplicaSet has all replicas, the hash, the revision and the sizes', () => {
  const decision = decide(deployment(), []);
  const { metadata, spec } = decision.create!;
  const hash = spec!.template!.metadata!.labels!['pod-template-hash']!;
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
  assert.equal(metadata!.name, `web-${hash}`);
  assert.deepEqual(spec!.selector.matchLabels, { app: 'web', 'pod-template-hash': hash });
  assert.equal(spec!.replicas, 10);
  assert.deepEqual(metadata!.annotations, {
    'deployment.kubernetes.io/revision': '1',
    'deployment.kubernetes.io/desired-replicas': '10',
    'deployment.kubernetes.io/max-replicas': '13',
  });
  assert.equal(decision.revision, '1');
  assert.deepEqual(messages(decision), [`Scaled up replica set web-${hash} from 0 to 10`]);
  assert.equal(
    condition(decision, 'Progressing'),
    `True NewReplicaSetCreated: Created new replica set "web-${hash}"`,
  );
  assert.equal(
    condition(decision, 'Available'),
    'False MinimumReplicasUnavailable: Deployment does not have minimum availability.',
  );
});

test('a rolling update – it surges, then removes old pods as new ones become available', () => {
  const surge = decide(deployment(), [replicaSet({ image: 'v1', replicas: 10, revision: 1 })]);
  assert.equal(surge.create?.spec?.replicas, 3, 'a quarter of 10, rounded up');
  assert.equal(surge.revision, '2');
  assert.equal(messages(surge)[1], 'Scaled down replica set web-v1 from 10 to 8', 'in the same round');

  const shrink = decide(deployment(), [
    replicaSet({ image: 'v1', replicas: 10, revision: 1 }),
    replicaSet({ image: 'v2', replicas: 3, available: 0, revision: 2 }),
  ]);
  assert.deepEqual(messages(shrink), ['Scaled down replica set web-v1 from 10 to 8']);

  const grow = decide(deployment(), [
    replicaSet({ image: 'v1', replicas: 8, revision: 1 }),
    replicaSet({ image: 'v2', replicas: 3, available: 0, revision: 2 }),
  ]);
  assert.deepEqual(messages(grow), ['Scaled up replica set web-v2 from 3 to 5']);
});

test('a rolling update – old pods that do not serve are removed first', () => {
  const decision = decide(deployment(), [
    replicaSet({ image: 'v0', replicas: 4, available: 0, revision: 1 }),
    replicaSet({ image: 'v1', replicas: 6, available: 6, revision: 2 }),
    replicaSet({ image: 'v2', replicas: 3, available: 3, revision: 3 }),
  ]);
  assert.deepEqual(messages(decision), [
    'Scaled down replica set web-v0 from 4 to 0',
    'Scaled down replica set web-v1 from 6 to 5',
  ]);
});

test('a change of size – only scaled ReplicaSets are annotated, and those that have their share already', () => {
  const scaled = decide(deployment({ replicas: 20 }), [
    replicaSet({ image: 'v0', replicas: 0, revision: 1 }),
    replicaSet({ image: 'v1', replicas: 25, revision: 2, max: 25 }),
    replicaSet({ image: 'v2', replicas: 0, revision: 3 }),
  ]);
  assert.deepEqual(
    scaled.update.map(({ metadata }) => metadata?.name),
    ['web-v1'],
  );
  const shared = decide(deployment({ replicas: 12 }), [
    replicaSet({ image: 'v1', replicas: 14, revision: 1, max: 15 }),
    replicaSet({ image: 'v2', replicas: 1, available: 0, revision: 2, max: 15 }),
  ]);
  assert.deepEqual(messages(shared), []);
  assert.deepEqual(
    shared.update.map(({ metadata }) => metadata?.annotations?.['deployment.kubernetes.io/desired-replicas']),
    ['12', '12'],
  );
});

test('a ReplicaSet – its pods are refused – its deployment has ReplicaFailure since then', () => {
  const failing = replicaSet({ image: 'v2', replicas: 10, available: 0, revision: 1 });
  failing.status!.conditions = [
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'exceeded quota',
      lastTransitionTime: ago(50),
    },
  ];
  const found = decide(deployment(), [failing]).status.conditions?.find(
    ({ type }) => type === 'ReplicaFailure',
  );
  assert.deepEqual(found, {
    type: 'ReplicaFailure',
    status: 'True',
    lastUpdateTime: ago(50),
    lastTransitionTime: ago(50),
    reason: 'FailedCreate',
    message: 'exceeded quota',
  });
});

test('a finished rollout – reported once, and old ReplicaSets beyond the limit are deleted', () => {
  const full = {
    replicas: 10,
    updatedReplicas: 10,
    availableReplicas: 10,
    readyReplicas: 10,
    observedGeneration: 1,
  };
  const decision = decide(deployment({ revisionHistoryLimit: 1 }, full), [
    replicaSet({ image: 'v0', replicas: 0, revision: 1 }),
    replicaSet({ image: 'v1', replicas: 0, revision: 2 }),
    replicaSet({ image: 'v2', replicas: 10, revision: 3 }),
  ]);
  assert.deepEqual(
    decision.delete.map(({ metadata }) => metadata.name),
    ['web-v0'],
  );
  assert.equal(
    condition(decision, 'Progressing'),
    'True NewReplicaSetAvailable: ReplicaSet "web-v2" has successfully progressed.',
  );
});

test('a rollback – the old ReplicaSet has a new revision and keeps its history', () => {
  const decision = decide(deployment({ template: template('v1') }), [
    replicaSet({ image: 'v1', replicas: 0, revision: 1 }),
    replicaSet({ image: 'v2', replicas: 10, revision: 2 }),
  ]);
  const back = decision.update.find(({ metadata }) => metadata?.name === 'web-v1');
  assert.equal(back?.metadata?.annotations?.['deployment.kubernetes.io/revision'], '3');
  assert.equal(back?.metadata?.annotations?.['deployment.kubernetes.io/revision-history'], '1');
  assert.equal(back?.spec?.replicas, 3);
  assert.equal(decision.revision, '3');
});

test('a change of size during a rollout – shared in proportion', () => {
  const decision = decide(deployment({ replicas: 20 }), [
    replicaSet({ image: 'v1', replicas: 8, revision: 1 }),
    replicaSet({ image: 'v2', replicas: 5, available: 2, revision: 2 }),
  ]);
  assert.deepEqual(messages(decision), [
    'Scaled up replica set web-v1 from 8 to 15',
    'Scaled up replica set web-v2 from 5 to 10',
  ]);
});

test('a paused deployment – scaled but not rolled out', () => {
  const decision = decide(deployment({ paused: true, replicas: 4 }), [
    replicaSet({ image: 'v1', replicas: 10, revision: 1 }),
  ]);
  assert.equal(decision.create, undefined);
  assert.deepEqual(messages(decision), ['Scaled down replica set web-v1 from 10 to 4']);
  assert.equal(condition(decision, 'Progressing'), 'Unknown DeploymentPaused: Deployment is paused');
});

test('Recreate – an old pod is left – the new ReplicaSet waits', () => {
  const owner = deployment({ strategy: { type: 'Recreate' }, replicas: 3 });
  const old = replicaSet({ image: 'v1', replicas: 3, revision: 1, desired: 3 });
  assert.deepEqual(messages(decide(owner, [old])), ['Scaled down replica set web-v1 from 3 to 0']);
  const empty = replicaSet({ image: 'v1', replicas: 0, revision: 1 });
  const leaving: Stored<Pod> = { metadata: { ...empty.metadata, name: 'p' }, status: { phase: 'Running' } };
  assert.equal(decide(owner, [empty], { v1: [leaving] }).create, undefined);
  assert.equal(decide(owner, [empty]).create?.spec?.replicas, 3);
});

test('a rollout that does not move – its deadline passes – reported, and looked at then', () => {
  const stuckSince = (seconds: number) =>
    deployment(
      {},
      {
        replicas: 10,
        updatedReplicas: 10,
        readyReplicas: 5,
        availableReplicas: 5,
        conditions: [
          { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', lastUpdateTime: ago(seconds) },
        ],
      },
    );
  const sets = [replicaSet({ image: 'v2', replicas: 10, available: 5, revision: 1 })];
  assert.equal(decide(stuckSince(590), sets).againInMs, 11_000);
  const late = decide(stuckSince(601), sets);
  assert.equal(
    condition(late, 'Progressing'),
    'False ProgressDeadlineExceeded: ReplicaSet "web-v2" has timed out progressing.',
  );
});
