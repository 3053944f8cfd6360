/** VolumeZone: labels of volumes against labels of nodes, claims without a volume, and what wakes a pod. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { StorageClass } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { boundClaim, newClaim, storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import { type ClusterEventKind, Rejection } from '../../framework.ts';
import { volumeZone } from './volume-zone.ts';

const zone = 'topology.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';
const oldZone = 'failure-domain.beta.kubernetes.io/zone';
const oldRegion = 'failure-domain.beta.kubernetes.io/region';
const elsewhere = new Rejection('VolumeZone', ['node(s) had no available volume zone'], true);
const refused = (reason: string) => new Rejection('VolumeZone', [reason], true);
type Labels = Record<string, string>;

const using = (claimName: string): PodShape => ({
  spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] },
});

const filtered: [string, Labels, Labels, Verdict][] = [
  ['a node without zone labels', { [zone]: 'a' }, {}, ['fits']],
  ['a volume without zone labels', {}, { [zone]: 'a' }, 'skipped'],
  ['the zone', { [zone]: 'a' }, { [zone]: 'a', useless: 'none' }, ['fits']],
  ['the region', { [region]: 'r' }, { [region]: 'r' }, ['fits']],
  ['another zone', { [zone]: 'a' }, { [zone]: 'b' }, [elsewhere]],
  ['another region', { [region]: 'r' }, { [region]: 's' }, [elsewhere]],
  ['the older zone', { [oldZone]: 'a' }, { [oldZone]: 'a' }, ['fits']],
  ['another older zone', { [oldZone]: 'a' }, { [oldZone]: 'b' }, [elsewhere]],
  ['the older region', { [oldRegion]: 'r' }, { [oldRegion]: 'r' }, ['fits']],
  ['another older region', { [oldRegion]: 'r' }, { [oldRegion]: 's' }, [elsewhere]],
  [
    'zone and region, the node has only the zone',
    { [zone]: 'a', [region]: 'a' },
    { [zone]: 'a' },
    [elsewhere],
  ],
  ['the zone, the node has only the older one', { [zone]: 'a' }, { [oldZone]: 'a' }, [elsewhere]],
  ['the older zone, the node has only the newer one', { [oldZone]: 'a' }, { [zone]: 'a' }, ['fits']],
  ['one of several zones', { [zone]: 'a__b' }, { [zone]: 'b' }, ['fits']],
  ['none of several zones', { [zone]: 'a__b' }, { [zone]: 'c' }, [elsewhere]],
  ['a label with an empty part is ignored', { [zone]: 'a__' }, { [zone]: 'c' }, 'skipped'],
];

for (const [title, volumeLabels, labels, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const listers = {
      claim: () => boundClaim('pvc', 'pv'),
      volume: () => storedVolume('pv', {}, { labels: volumeLabels }),
    };
    assert.deepEqual(
      rejectionsOf(volumeZone, using('pvc'), { nodes: [{ name: 'a', labels }], listers }),
      expected,
    );
  });
}

const ofClass = (storageClassName: string) => storedClaim('pvc', {}, { storageClassName });
const claims: Record<string, ReturnType<typeof storedClaim>> = {
  lost: storedClaim('lost', {}, { volumeName: 'gone' }),
  empty: storedClaim('empty'),
  'no-class': ofClass('none'),
  unset: ofClass('unset'),
  immediate: ofClass('immediate'),
  waiting: ofClass('waiting'),
  old: storedClaim('old', { annotations: { 'volume.beta.kubernetes.io/storage-class': 'waiting' } }),
};
const classes: Record<string, StorageClass> = {
  unset: { provisioner: 'p' },
  immediate: { provisioner: 'p', volumeBindingMode: 'Immediate' },
  waiting: { provisioner: 'p', volumeBindingMode: 'WaitForFirstConsumer' },
};

const unbound: [string, Verdict][] = [
  ['missing', refused('persistentvolumeclaim "missing" not found')],
  ['lost', refused('persistentvolume "gone" not found')],
  ['empty', refused('PersistentVolumeClaim had no pv name and storageClass name')],
  ['no-class', refused('storageclass.storage.k8s.io "none" not found')],
  ['unset', refused('VolumeBindingMode not set for StorageClass "unset"')],
  ['immediate', refused('PersistentVolume had no name')],
  ['waiting', 'skipped'],
  ['old', 'skipped'],
];

for (const [claimName, expected] of unbound) {
  test(`preFilter – the claim ${claimName} without a volume`, () => {
    const listers = {
      claim: (_namespace: string, name: string) => claims[name],
      storageClass: (name: string) => classes[name],
    };
    assert.deepEqual(
      rejectionsOf(volumeZone, using(claimName), { nodes: [{ name: 'a' }], listers }),
      expected,
    );
  });
}

test('preFilter – a pod without claims – is skipped', () => {
  assert.equal(rejectionsOf(volumeZone, {}, { nodes: [{ name: 'a' }] }), 'skipped');
});

const volume = (labels: Labels): KubeObject => ({ metadata: { name: 'pv', labels } });
const hinted: [string, ClusterEventKind, KubeObject, KubeObject | undefined, boolean][] = [
  ["the pod's claim is added", 'PersistentVolumeClaim', newClaim('pvc'), undefined, true],
  ["the pod's claim is updated", 'PersistentVolumeClaim', newClaim('pvc'), newClaim('pvc'), true],
  ['another claim is added', 'PersistentVolumeClaim', newClaim('other'), undefined, false],
  [
    'a claim of another namespace is added',
    'PersistentVolumeClaim',
    newClaim('pvc', { metadata: { namespace: 'n' } }),
    undefined,
    false,
  ],
  ['a volume is added', 'PersistentVolume', volume({}), undefined, true],
  [
    'the zone of a volume changes',
    'PersistentVolume',
    volume({ [zone]: 'b' }),
    volume({ [zone]: 'a' }),
    true,
  ],
  [
    'a volume gets another zone label',
    'PersistentVolume',
    volume({ [oldZone]: 'a', [zone]: 'z' }),
    volume({ [oldZone]: 'a' }),
    true,
  ],
  [
    'other labels of a volume change',
    'PersistentVolume',
    volume({ [zone]: 'a', x: '' }),
    volume({ [zone]: 'a' }),
    false,
  ],
  ['a class of immediate binding is added', 'StorageClass', classes['immediate']!, undefined, false],
  ['a class without binding mode is added', 'StorageClass', classes['unset']!, undefined, false],
  ['a class of late binding is added', 'StorageClass', classes['waiting']!, undefined, true],
  ['a class of late binding is updated', 'StorageClass', classes['waiting']!, classes['waiting']!, false],
];

for (const [title, kind, object, oldObject, expected] of hinted) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = { kind, object, ...(oldObject ? { oldObject } : {}) };
    assert.equal(isHelpedBy(volumeZone, makePod(using('pvc')), event), expected);
  });
}

for (const kind of ['Node/Add', 'Node/Labels'] as const) {
  test(`hint – ${kind} – wakes the pod`, () => {
    assert.equal(isHelpedBy(volumeZone, makePod(using('pvc')), nodeEvent(kind, { name: 'a' })), true);
  });
}
