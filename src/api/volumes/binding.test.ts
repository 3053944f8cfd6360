import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { isFullyBound, reserveFor } from './binding.ts';

const reference = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  namespace: 'default',
  name: 'c',
  uid: 'c',
  resourceVersion: '1',
};

test('a free volume – reserved for a claim – it says that a controller did it', () => {
  const { metadata, spec } = reserveFor(storedVolume('v'), storedClaim('c'));
  assert.deepEqual(spec?.claimRef, reference);
  assert.deepEqual(metadata.annotations, { 'pv.kubernetes.io/bound-by-controller': 'yes' });
});

test('a volume reserved by name – reserved for the claim – gets its UID, and no annotation', () => {
  const volume = storedVolume('v', { claimRef: { namespace: 'default', name: 'c' } });
  const { metadata, spec } = reserveFor(volume, storedClaim('c'));
  assert.deepEqual(spec?.claimRef, reference);
  assert.equal(metadata.annotations, undefined);
});

test('a volume reserved by UID – reserved again – is the same object', () => {
  const volume = storedVolume('v', { claimRef: reference });
  assert.equal(reserveFor(volume, storedClaim('c')), volume);
});

const completed = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const rows: [string, object, object, boolean][] = [
  ['that names a volume', {}, { volumeName: 'v' }, false],
  ['that names a volume, completed', completed, { volumeName: 'v' }, true],
  ['that lost its volume', completed, {}, false],
];
for (const [title, metadata, spec, isBound] of rows) {
  test(`a claim ${title} – fully bound: ${isBound}`, () => {
    assert.equal(isFullyBound(storedClaim('c', metadata, spec)), isBound);
  });
}
