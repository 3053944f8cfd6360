/** Volumes: the phase of each state, and which bindings are undone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printed } from '#testing/controllers/plans.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { decideVolume } from './volume.ts';

const claimRef = { namespace: 'default', name: 'c', uid: 'c' };
const byUs = { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } };
const provisioned = { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' } };
const inTree = { annotations: { 'pv.kubernetes.io/provisioned-by': 'kubernetes.io/host-path' } };
const deleted = { persistentVolumeReclaimPolicy: 'Delete' };
const elsewhere = storedClaim('c', {}, { volumeName: 'w' });
const phaseWritten = ['update PersistentVolume v/status'];
const specWritten = ['update PersistentVolume v'];

const rows: [string, Parameters<typeof decideVolume>, string[]][] = [
  ['new', [storedVolume('v', {}, {}, 'Pending'), undefined], phaseWritten],
  ['available', [storedVolume('v'), undefined], []],
  [
    'reserved by name',
    [storedVolume('v', { claimRef: { ...claimRef, uid: '' } }, {}, 'Pending'), undefined],
    phaseWritten,
  ],
  ['bound, its claim gone', [storedVolume('v', { claimRef }, {}, 'Bound'), undefined], phaseWritten],
  ['released', [storedVolume('v', { claimRef }, {}, 'Released'), undefined], []],
  ['failed', [storedVolume('v', { claimRef }, {}, 'Failed'), undefined], []],
  ['bound halfway', [storedVolume('v', { claimRef }, {}, 'Bound'), storedClaim('c')], ['wake default/c']],
  [
    'reserved for a claim of another mode',
    [storedVolume('v', { claimRef, volumeMode: 'Block' }), storedClaim('c')],
    [
      'event Warning VolumeMismatch "Cannot bind PersistentVolume to requested PersistentVolumeClaim \\"c\\" due to incompatible volumeMode."',
      'event Warning VolumeMismatch "Cannot bind PersistentVolume \\"v\\" to requested PersistentVolumeClaim due to incompatible volumeMode."',
      'again after 15000 ms',
    ],
  ],
  [
    'named by its claim',
    [storedVolume('v', { claimRef }), storedClaim('c', {}, { volumeName: 'v' })],
    phaseWritten,
  ],
  [
    'bound by us, its claim elsewhere',
    [storedVolume('v', { claimRef }, byUs, 'Bound'), elsewhere],
    specWritten,
  ],
  [
    'bound by a user, its claim elsewhere',
    [storedVolume('v', { claimRef }, {}, 'Bound'), elsewhere],
    specWritten,
  ],
  [
    'provisioned, its claim elsewhere',
    [storedVolume('v', { claimRef, ...deleted }, provisioned, 'Bound'), elsewhere],
    phaseWritten,
  ],
  [
    'of an in-tree provisioner, without the finalizer',
    [storedVolume('v', deleted, inTree), undefined],
    specWritten,
  ],
];
for (const [title, [volume, claim], plan] of rows) {
  test(`a volume – ${title} – ${plan[0] ?? 'left alone'}`, () => {
    assert.deepEqual(printed(decideVolume(volume, claim)), plan);
  });
}

function unbound(metadata: object) {
  const [step] = decideVolume(storedVolume('v', { claimRef }, metadata, 'Bound'), elsewhere).actions;
  return step?.do === 'update' ? (step.object as ReturnType<typeof storedVolume>) : undefined;
}

test('a volume bound by us – its claim elsewhere – is free again', () => {
  const { spec, metadata } = unbound(byUs) ?? {};
  assert.deepEqual([spec?.claimRef, metadata?.annotations], [undefined, {}]);
});

test('a volume bound by a user – its claim elsewhere – stays reserved by name', () => {
  assert.deepEqual(unbound({})?.spec?.claimRef, { namespace: 'default', name: 'c' });
});
