import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PersistentVolumeClaim, Pod, StatefulSet, StatefulSetSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Plan } from '#client/controllers/plan.ts';
import { allowUpTo } from '#testing/controllers/allowance.ts';
import { storedClaim } from '#testing/objects/volumes.ts';
import { podTemplate } from '#testing/objects/workloads.ts';
import { storedMetadata, storedPod } from '#testing/objects.ts';
import { decideStatefulSet } from './decide.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => rfc3339(nowMs - seconds * 1000);
const template = podTemplate('web');

function statefulSet(spec: Partial<StatefulSetSpec> = {}): Stored<StatefulSet> {
  return {
    metadata: storedMetadata('web', { namespace: 'default', uid: 'set', generation: 1 }),
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template, ...spec },
  };
}

interface Traits {
  revision?: string;
  phase?: string;
  ready?: boolean;
  deleting?: boolean;
}

function pod(ordinal: number, traits: Traits = {}): Stored<Pod> {
  const { revision = 'new', phase = 'Running', ready = true, deleting } = traits;
  return storedPod(`web-${ordinal}`, {
    metadata: {
      uid: `pod-${ordinal}`,
      labels: {
        app: 'web',
        'controller-revision-hash': revision,
        'statefulset.kubernetes.io/pod-name': `web-${ordinal}`,
        'apps.kubernetes.io/pod-index': `${ordinal}`,
      },
      ...(deleting ? { deletionTimestamp: ago(1) } : {}),
    },
    phase,
    ...(ready ? { ready: ago(50) } : {}),
  });
}

function decide(
  set: Stored<StatefulSet>,
  pods: Stored<Pod>[],
  claims: Stored<PersistentVolumeClaim>[] = [],
): Plan {
  return decideStatefulSet({
    set,
    pods,
    current: { name: 'old', template },
    update: { name: 'new', template },
    claim: (name) => claims.find(({ metadata }) => metadata.name === name),
    nowMs,
    allowance: allowUpTo(500),
  });
}

/** `+web-0` for a creation, `-web-0` for a removal, `~data-web-0` for a change. */
function changes({ actions }: Plan): string[] {
  return actions.flatMap((action): string[] => {
    if (action.do === 'update') return [`~${action.object.metadata?.name}`];
    if (action.do === 'patch') return [`~${action.name}`];
    if (action.do === 'together') return changes({ actions: action.actions });
    if (action.do === 'create') return [`+${action.object.metadata?.name}`];
    return action.do === 'delete' ? [`-${action.name}`] : [];
  });
}

function statusOf({ actions }: Plan) {
  const update = actions.find((action) => action.do === 'updateStatus');
  return update?.do === 'updateStatus' ? (update.object as StatefulSet).status : undefined;
}

const idle = { ready: false };
const old = { revision: 'old' };
const parallel = { podManagementPolicy: 'Parallel' };

describe('pods – created, replaced and deleted in order', () => {
  const cases: [string, Partial<StatefulSetSpec>, Stored<Pod>[], string[]][] = [
    ['the first', {}, [], ['+web-0']],
    ['the next when it serves', {}, [pod(0)], ['+web-1']],
    ['not before', {}, [pod(0, idle)], []],
    ['not beside one that leaves', {}, [pod(0, { deleting: true })], []],
    ['an ended one goes', {}, [pod(0, { phase: 'Failed' }), pod(1)], ['-web-0']],
    ['from the top', { replicas: 1 }, [pod(0), pod(1), pod(2)], ['-web-2']],
    ['not while one below leaves', { replicas: 1 }, [pod(0), pod(1), pod(2, { deleting: true })], []],
    ['an idle one waits for one below', { replicas: 1 }, [pod(0), pod(1, idle), pod(2, idle)], []],
    ['one that serves does not wait', { replicas: 1 }, [pod(0), pod(1, idle), pod(2)], ['-web-2']],
    ['with another start', { replicas: 1, ordinals: { start: 2 } }, [pod(1), pod(2)], ['-web-1']],
    ['all at once', parallel, [pod(1, idle)], ['+web-0', '+web-2']],
    ['all away', { ...parallel, replicas: 0 }, [pod(0, idle), pod(1)], ['-web-1', '-web-0']],
  ];
  for (const [name, spec, pods, expected] of cases) {
    test(name, () => {
      assert.deepEqual(changes(decide(statefulSet(spec), pods)), expected);
    });
  }
});

describe('a rolling update – from the highest ordinal down to the partition, one at a time whatever maxUnavailable', () => {
  const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
  const three = [pod(0, old), pod(1, old), pod(2, old)];
  const cases: [string, Partial<StatefulSetSpec>, Stored<Pod>[], string[]][] = [
    ['one', rolling({}), three, ['-web-2']],
    ['the next', rolling({}), [pod(0, old), pod(1, old), pod(2)], ['-web-1']],
    ['down to the partition', rolling({ partition: 2 }), [pod(0, old), pod(1, old), pod(2)], []],
    ['maxUnavailable, stored before its gate was off', rolling({ maxUnavailable: 2 }), three, ['-web-2']],
    ['a partition beyond the replicas', rolling({ partition: 9 }), three, []],
    ['by hand', { updateStrategy: { type: 'OnDelete' } }, three, []],
    [
      'an idle old one in parallel',
      { ...parallel, ...rolling({}) },
      [pod(0, old), pod(1, old), pod(2, { ...old, ...idle })],
      ['-web-2'],
    ],
  ];
  for (const [name, spec, pods, expected] of cases) {
    test(name, () => {
      assert.deepEqual(changes(decide(statefulSet(spec), pods)), expected);
    });
  }
});

const claimTemplate = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } };
const withClaims = (whenDeleted: string, whenScaled: string) => ({
  volumeClaimTemplates: [claimTemplate],
  persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
});
const claim = (ordinal: number, owners: string[] = [], deleting = false) =>
  storedClaim(`data-web-${ordinal}`, {
    ownerReferences: owners.map((uid) => {
      const [kind, name] = uid === 'set' ? ['StatefulSet', 'web'] : ['Pod', uid.replace('pod', 'web')];
      return {
        apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
        kind: kind!,
        name: name!,
        uid,
        controller: true,
      };
    }),
    ...(deleting ? { deletionTimestamp: ago(1) } : {}),
  });

describe('claims – created before the pod, owned as the retention policy says', () => {
  const two = [pod(0), pod(1)];
  const retain = withClaims('Retain', 'Retain');
  const both = withClaims('Delete', 'Delete');
  const cases: [
    string,
    Partial<StatefulSetSpec>,
    Stored<Pod>[],
    Stored<PersistentVolumeClaim>[],
    string[],
  ][] = [
    ['claim, then pod', retain, [], [], ['+data-web-0', '+web-0']],
    ['it outlived its pod', retain, [], [claim(0)], ['+web-0']],
    ['it is on its way out', retain, [], [claim(0, [], true)], []],
    ['it is missing under a waiting pod', retain, [pod(0, { phase: 'Pending' })], [], ['+data-web-0']],
    ['without owners', { ...retain, replicas: 2 }, two, [claim(0), claim(1)], []],
    ['the policy changed', { ...both, replicas: 2 }, two, [claim(0), claim(1, ['set'])], ['~data-web-0']],
    ['and back', { ...retain, replicas: 2 }, two, [claim(0, ['set']), claim(1)], ['~data-web-0']],
    [
      'it goes with its pod',
      { ...both, replicas: 1 },
      two,
      [claim(0, ['set']), claim(1, ['set'])],
      ['~data-web-1', '-web-1'],
    ],
  ];
  for (const [name, spec, pods, claims, expected] of cases) {
    test(name, () => {
      const plan = decide(statefulSet(spec), pods, claims);
      const order = plan.actions.flatMap((action) => changes({ actions: [action] }));
      assert.deepEqual(order, expected);
    });
  }
});

test('a rollout – all replicas are there, ready and new – it is over', () => {
  const over = statusOf(decide(statefulSet(), [pod(0), pod(1), pod(2)]));
  assert.deepEqual([over?.currentRevision, over?.currentReplicas], ['new', 3]);
  const shrinking = statusOf(decide(statefulSet({ replicas: 1 }), [pod(0), pod(1)]));
  assert.deepEqual([shrinking?.currentRevision, shrinking?.currentReplicas], ['old', undefined]);
});

test('an adopted pod – labels that it lacks – they are set', () => {
  const bare = pod(0);
  bare.metadata.labels = { app: 'web', 'controller-revision-hash': 'new' };
  assert.deepEqual(changes(decide(statefulSet({ replicas: 1 }), [bare])), ['~web-0']);
});
