/** A binding is made by four writes, in order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printed } from '#testing/controllers/plans.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { bindStep } from './bind.ts';

const claimRef = { namespace: 'default', name: 'c', uid: 'c' };
const completed = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const spec = { volumeName: 'v' };
const status = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
const reserved = storedVolume('v', { claimRef });
const bound = storedVolume('v', { claimRef }, {}, 'Bound');

const rows: [string, Parameters<typeof bindStep>, string[]][] = [
  ['a free volume', [storedVolume('v'), storedClaim('c')], ['update PersistentVolume v']],
  ['a reserved volume', [reserved, storedClaim('c')], ['update PersistentVolume v/status']],
  ['a bound volume', [bound, storedClaim('c')], ['update PersistentVolumeClaim default/c']],
  [
    'a claim that a user gave the volume’s name',
    [bound, storedClaim('c', {}, spec)],
    ['update PersistentVolumeClaim default/c'],
  ],
  [
    'a claim that names it',
    [bound, storedClaim('c', completed, spec)],
    ['update PersistentVolumeClaim default/c/status'],
  ],
  ['both bound', [bound, storedClaim('c', completed, spec, status)], []],
];
for (const [title, [volume, claim], writes] of rows) {
  test(`${title} – ${writes[0] ?? 'nothing is written'}`, () => {
    assert.deepEqual(printed(bindStep(volume, claim)), writes);
  });
}

function written(volume = bound, claim = storedClaim('c', completed, spec)): object | undefined {
  const [step] = bindStep(volume, claim);
  return (step?.object as { status?: object } | undefined)?.status;
}

test('a claim that becomes Bound – has size, access modes and attributes class of the volume', () => {
  const gold = { volumeAttributesClassName: 'gold', accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] };
  const volume = storedVolume('v', { claimRef, ...gold, capacity: { storage: '5Gi' } }, {}, 'Bound');
  assert.deepEqual(written(volume), {
    phase: 'Bound',
    accessModes: gold.accessModes,
    capacity: { storage: '5Gi' },
    currentVolumeAttributesClassName: 'gold',
  });
});

test('a volume that is grown on the node – the claim has the size before', () => {
  const annotations = { 'volume.alpha.kubernetes.io/pre-resize-capacity': '500Mi' };
  const volume = storedVolume('v', { claimRef }, { annotations }, 'Bound');
  assert.deepEqual(written(volume), { ...status, capacity: { storage: '500Mi' } });
});

test('a claim that is Bound – the volume has grown – its size is left to the resizer', () => {
  const volume = storedVolume('v', { claimRef, capacity: { storage: '5Gi' } }, {}, 'Bound');
  assert.deepEqual(bindStep(volume, storedClaim('c', completed, spec, status)), []);
});
