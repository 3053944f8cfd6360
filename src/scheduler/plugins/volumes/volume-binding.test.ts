/**
 * VolumeBinding: claims that cannot be used yet, volumes that only some nodes reach, and what wakes a pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { newClaim } from '#testing/objects/volumes.ts';
import { longAgo } from '#testing/objects.ts';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import { type ClusterEventKind, Rejection } from '../../framework.ts';
import { volumeBinding } from './volume-binding.ts';

const rejected = (reason: string) => new Rejection('VolumeBinding', [reason], true);
const unreachable = rejected("node(s) didn't match PersistentVolume's node affinity");
const gone = rejected('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');

const using = (claimName: string): PodShape => ({
  spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] },
});
/** Its claim is `pod-NAME`. */
const ephemeral = (name: string): PodShape => ({
  spec: { volumes: [{ name, ephemeral: { volumeClaimTemplate: { spec: {} } } }] },
});

const boundTo = (volumeName: string, metadata: KubeObject['metadata'] = {}): PersistentVolumeClaim => ({
  metadata,
  spec: { volumeName },
  status: { phase: 'Bound' },
});
const ownedBy = (uid: string) => ({
  ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'pod', uid, controller: true }],
});
const claims: Record<string, PersistentVolumeClaim> = {
  anywhere: boundTo('anywhere'),
  local: boundTo('local'),
  gone: boundTo('gone'),
  deleted: boundTo('anywhere', { deletionTimestamp: longAgo }),
  lost: { spec: { volumeName: 'gone' }, status: { phase: 'Lost' } },
  'lost-and-deleted': {
    ...{ spec: { volumeName: 'gone' }, status: { phase: 'Lost' } },
    metadata: { deletionTimestamp: longAgo },
  },
  immediate: { spec: { storageClassName: 'immediate' }, status: { phase: 'Pending' } },
  waiting: { spec: { storageClassName: 'waiting' }, status: { phase: 'Pending' } },
  'pod-mine': boundTo('anywhere', ownedBy('default/pod')),
  'pod-other': boundTo('anywhere', ownedBy('default/other')),
  'pod-alone': boundTo('anywhere'),
};
const onB = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] };
const volumes: Record<string, PersistentVolume> = {
  anywhere: { spec: {} },
  local: { spec: { nodeAffinity: { required: { nodeSelectorTerms: [onB] } } } },
};
const classes: Record<string, StorageClass> = {
  immediate: { provisioner: 'p', volumeBindingMode: 'Immediate' },
  waiting: { provisioner: 'p', volumeBindingMode: 'WaitForFirstConsumer' },
};

const notOwner = (claim: string) =>
  rejected(`PVC default/${claim} was not created for pod default/pod (pod is not owner)`);
const filtered: [string, PodShape, Verdict][] = [
  ['no claims', {}, 'skipped'],
  ['a volume that every node reaches', using('anywhere'), 'skipped'],
  ['a volume that one node reaches', using('local'), [unreachable, 'fits']],
  ['a volume that does not exist', using('gone'), [gone, gone]],
  ['a claim that does not exist', using('none'), rejected('persistentvolumeclaim "none" not found')],
  ['a terminating claim', using('deleted'), rejected('persistentvolumeclaim "deleted" is being deleted')],
  [
    'a lost claim',
    using('lost'),
    rejected('persistentvolumeclaim "lost" bound to non-existent persistentvolume "gone"'),
  ],
  [
    'a lost and terminating claim',
    using('lost-and-deleted'),
    rejected('persistentvolumeclaim "lost-and-deleted" bound to non-existent persistentvolume "gone"'),
  ],
  ['an unbound claim', using('immediate'), rejected('pod has unbound immediate PersistentVolumeClaims')],
  [
    'a claim that waits for its first consumer',
    using('waiting'),
    rejected(
      'persistentvolumeclaim "waiting" waits for its first consumer, which this scheduler does not bind',
    ),
  ],
  [
    'an ephemeral claim that does not exist yet',
    ephemeral('none'),
    rejected('waiting for ephemeral volume controller to create the persistentvolumeclaim "pod-none"'),
  ],
  ['an ephemeral claim of the pod', ephemeral('mine'), 'skipped'],
  ['an ephemeral claim of another pod', ephemeral('other'), notOwner('pod-other')],
  ['an ephemeral claim without owner', ephemeral('alone'), notOwner('pod-alone')],
];

for (const [title, pod, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const listers = {
      claim: (_namespace: string, name: string) => claims[name],
      volume: (name: string) => volumes[name],
      storageClass: (name: string) => classes[name],
    };
    const nodes = [{ name: 'a' }, { name: 'b' }];
    assert.deepEqual(rejectionsOf(volumeBinding, pod, { nodes, listers }), expected);
  });
}

const plain: StorageClass = { provisioner: 'p' };
const inZone = (value: string): StorageClass => ({
  ...plain,
  allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [value] }] }],
});
const migrating = (plugins: string): KubeObject => ({
  metadata: { annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': plugins } },
});
const hinted: [string, PodShape, ClusterEventKind, KubeObject, KubeObject | undefined, boolean][] = [
  ["the pod's claim is added", using('pvc'), 'PersistentVolumeClaim', newClaim('pvc'), undefined, true],
  [
    "the pod's claim is updated",
    using('pvc'),
    'PersistentVolumeClaim',
    newClaim('pvc'),
    newClaim('pvc'),
    true,
  ],
  [
    "the pod's ephemeral claim is added",
    ephemeral('v'),
    'PersistentVolumeClaim',
    newClaim('pod-v'),
    undefined,
    true,
  ],
  ['another claim is added', using('pvc'), 'PersistentVolumeClaim', newClaim('other'), undefined, false],
  [
    'a claim of another namespace is added',
    using('pvc'),
    'PersistentVolumeClaim',
    newClaim('pvc', { metadata: { namespace: 'n' } }),
    undefined,
    false,
  ],
  ['a volume is updated', using('pvc'), 'PersistentVolume', newClaim('pv'), newClaim('pv'), true],
  ['a class is added', using('pvc'), 'StorageClass', plain, undefined, true],
  ['the topologies of a class change', using('pvc'), 'StorageClass', inZone('b'), inZone('a'), true],
  ['a class gets topologies', using('pvc'), 'StorageClass', inZone('b'), plain, true],
  ['a class stays the same', using('pvc'), 'StorageClass', inZone('a'), inZone('a'), false],
  ['a CSINode is added', using('pvc'), 'CSINode', migrating(''), undefined, true],
  ['the migrated plugins of a CSINode change', using('pvc'), 'CSINode', migrating('a'), migrating('b'), true],
  ['a CSINode stays the same', using('pvc'), 'CSINode', migrating('a'), migrating('a'), false],
];

for (const [title, pod, kind, object, oldObject, expected] of hinted) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = { kind, object, ...(oldObject ? { oldObject } : {}) };
    assert.equal(isHelpedBy(volumeBinding, makePod(pod), event), expected);
  });
}

for (const kind of ['Node/Add', 'Node/Labels'] as const) {
  test(`hint – ${kind} – wakes the pod`, () => {
    assert.equal(isHelpedBy(volumeBinding, makePod(using('pvc')), nodeEvent(kind, { name: 'a' })), true);
  });
}
