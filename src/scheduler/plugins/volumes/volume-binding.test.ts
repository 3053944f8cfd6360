/**
 * VolumeBinding: claims that cannot be used yet, volumes that only some nodes reach, and what wakes a pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type {
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { boundClaim, newClaim, storedClaim, storedClass, storedVolume } from '#testing/objects/volumes.ts';
import { longAgo } from '#testing/objects.ts';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import type { Listers } from '../../cache/listers.ts';
import { type ClusterEventKind, Rejection } from '../../framework.ts';
import { volumeBinding as volumeBindingWith } from './volume-binding.ts';

const volumeBinding = volumeBindingWith(usualPluginArguments.volumeBinding);

const rejected = (reason: string) => new Rejection('VolumeBinding', [reason], true);
const unreachable = rejected("node(s) didn't match PersistentVolume's node affinity");
const unbound = rejected('pod has unbound immediate PersistentVolumeClaims');
const noVolume = rejected("node(s) didn't find available persistent volumes to bind");
const noRoom = rejected('node(s) did not have enough free storage');
const rejectedBy = (...all: Rejection[]) =>
  new Rejection(
    'VolumeBinding',
    all.flatMap(({ reasons }) => reasons),
    true,
  );
const gone = rejected('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');

const using = (...names: string[]): PodShape => ({
  spec: { volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
});
/** Its claim is `pod-NAME`. */
const ephemeral = (name: string): PodShape => ({
  spec: { volumes: [{ name, ephemeral: { volumeClaimTemplate: { spec: {} } } }] },
});

const ownedBy = (uid: string) => ({
  annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
  ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'pod', uid, controller: true }],
});
const ofClass = (name: string, storageClassName: string, metadata = {}) =>
  storedClaim(name, metadata, { storageClassName });
const claims: readonly Stored<PersistentVolumeClaim>[] = [
  boundClaim('anywhere', 'anywhere'),
  boundClaim('local', 'local'),
  boundClaim('gone', 'gone'),
  storedClaim('halfway', {}, { volumeName: 'anywhere' }),
  boundClaim('deleted', 'anywhere', { deletionTimestamp: longAgo }),
  storedClaim('lost', {}, { volumeName: 'gone' }, { phase: 'Lost' }),
  storedClaim('lost-and-deleted', { deletionTimestamp: longAgo }, { volumeName: 'gone' }, { phase: 'Lost' }),
  ofClass('immediate', 'immediate'),
  ofClass('provisioned', 'provisioned'),
  ofClass('chosen', 'provisioned', { annotations: { 'volume.kubernetes.io/selected-node': 'b' } }),
  ofClass('zoned', 'zoned'),
  ofClass('counted', 'counted'),
  ofClass('by-hand', 'by-hand'),
  ofClass('by-hand-2', 'by-hand'),
  boundClaim('pod-mine', 'anywhere', ownedBy('default/pod')),
  boundClaim('pod-other', 'anywhere', ownedBy('default/other')),
  boundClaim('pod-alone', 'anywhere'),
];
const onB = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] };
const nodeAffinity = { required: { nodeSelectorTerms: [onB] } };
const volumes: readonly Stored<PersistentVolume>[] = [
  storedVolume('anywhere'),
  storedVolume('local', { nodeAffinity }),
  storedVolume('by-hand', { nodeAffinity, storageClassName: 'by-hand' }),
];
const provisioner = 'kubernetes.io/no-provisioner';
const classes: readonly StorageClass[] = [
  storedClass('immediate', { volumeBindingMode: 'Immediate' }),
  storedClass('provisioned'),
  storedClass('by-hand', { provisioner }),
  storedClass('counted', { provisioner: 'counting.example.com' }),
  storedClass('zoned', {
    allowedTopologies: [{ matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['a'] }] }],
  }),
];

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
  ['an unbound claim', using('immediate'), unbound],
  ['a claim that is bound from one side', using('halfway'), unbound],
  ['a claim that a provisioner serves', using('provisioned'), ['fits', 'fits']],
  ['a claim being provisioned for a node', using('chosen'), [noVolume, 'fits']],
  ['a claim that a provisioner serves in one zone', using('zoned'), ['fits', noVolume]],
  ['a claim for which one node has room', using('counted'), ['fits', noRoom]],
  ['a claim for which one node has a free volume', using('by-hand'), [noVolume, 'fits']],
  ['two claims, and one free volume', using('by-hand', 'by-hand-2'), [noVolume, noVolume]],
  ['a bound and a free volume, on other nodes', using('local', 'zoned'), [unreachable, noVolume]],
  [
    'neither the bound nor a free volume',
    using('local', 'by-hand'),
    [rejectedBy(unreachable, noVolume), 'fits'],
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
    const named = <T extends KubeObject>(objects: readonly T[], name: string) =>
      objects.find(({ metadata }) => metadata?.name === name);
    const onA = { matchLabels: { 'kubernetes.io/hostname': 'a' } };
    const listers: Partial<Listers> = {
      claim: (_namespace, name) => named(claims, name),
      volume: (name) => named(volumes, name),
      volumesOfClass: (name) => volumes.filter(({ spec }) => spec?.storageClassName === name),
      storageClass: (name) => named(classes, name),
      csiDriver: (name) =>
        name === 'counting.example.com' ? { metadata: { name }, spec: { storageCapacity: true } } : undefined,
      storageCapacities: (storageClassName) => [
        { storageClassName, capacity: '2Gi', nodeTopology: onA },
        { storageClassName, capacity: '2Gi', maximumVolumeSize: '500Mi', nodeTopology: {} },
        { storageClassName, capacity: '2Gi' },
      ],
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
const driver = (storageCapacity: boolean): KubeObject & { spec: object } => ({
  metadata: { name: 'd' },
  spec: { storageCapacity },
});
const inline: PodShape = { spec: { volumes: [{ name: 'v', csi: { driver: 'd' } }] } };
const room = (capacity: string): CSIStorageCapacity => ({ storageClassName: 's', capacity });
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
  ['a driver stops counting its room', inline, 'CSIDriver', driver(false), driver(true), true],
  ['a driver begins to count its room', inline, 'CSIDriver', driver(true), driver(false), false],
  ['a driver of no inline volume changes', using('pvc'), 'CSIDriver', driver(false), driver(true), false],
  ['room is added', using('pvc'), 'CSIStorageCapacity', room('1Gi'), undefined, true],
  ['room grows', using('pvc'), 'CSIStorageCapacity', room('2Gi'), room('1Gi'), true],
  ['room shrinks', using('pvc'), 'CSIStorageCapacity', room('1Gi'), room('2Gi'), false],
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
