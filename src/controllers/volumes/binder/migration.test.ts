/** Marks of CSI migration and finalizers of provisioned volumes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { correctedClaim, correctedVolume } from './migration.ts';

const asked = 'volume.kubernetes.io/storage-provisioner';
const migrated = 'pv.kubernetes.io/migrated-to';
const claims: [string, Record<string, string>, Record<string, string>][] = [
  ['of an external provisioner', { [asked]: 'example.com/disks' }, { [asked]: 'example.com/disks' }],
  [
    'of a migrated plugin',
    { [asked]: 'kubernetes.io/gce-pd' },
    { [asked]: 'kubernetes.io/gce-pd', [migrated]: 'pd.csi.storage.gke.io' },
  ],
  ['no longer migrated', { [asked]: 'example.com/disks', [migrated]: 'x' }, { [asked]: 'example.com/disks' }],
];
for (const [title, annotations, expected] of claims) {
  test(`a claim ${title} – ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(correctedClaim(storedClaim('c', { annotations })).metadata.annotations, expected);
  });
}

const ours = 'kubernetes.io/pv-controller';
const theirs = 'external-provisioner.volume.kubernetes.io/finalizer';
const volumes: [string, provisioner: string | undefined, policy: string, string[], string[]][] = [
  ['made by hand', undefined, 'Delete', [], []],
  ['external', 'example.com/disks', 'Delete', [theirs], [theirs]],
  ['in-tree, to be deleted', 'kubernetes.io/host-path', 'Delete', ['x'], ['x', ours]],
  ['in-tree, retained', 'kubernetes.io/host-path', 'Retain', ['x', ours], ['x']],
  ['in-tree, once external', 'kubernetes.io/host-path', 'Delete', [theirs, ours], [ours]],
  ['migrated', 'kubernetes.io/gce-pd', 'Delete', [ours, theirs], [theirs]],
];
for (const [title, provisioner, persistentVolumeReclaimPolicy, finalizers, expected] of volumes) {
  test(`a volume ${title} – finalizers ${finalizers.join() || 'none'} – ${expected.join() || 'none'}`, () => {
    const annotations: Record<string, string> = {};
    if (provisioner) annotations['pv.kubernetes.io/provisioned-by'] = provisioner;
    const volume = storedVolume('v', { persistentVolumeReclaimPolicy }, { finalizers, annotations });
    assert.deepEqual(correctedVolume(volume).metadata.finalizers, expected);
  });
}
