import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asCsiVolume, inlineCsiVolume } from './translate.ts';

const gcePersistentDisk = { pdName: 'pd' };
const csi = {
  driver: 'pd.csi.storage.gke.io',
  volumeHandle: 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/pd',
  volumeAttributes: { partition: '' },
};

test('a volume of a cloud – becomes its driver’s, and keeps all else', () => {
  const spec = { gcePersistentDisk, capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany'] };
  const volume = { metadata: { name: 'pv' }, spec };
  const translated = asCsiVolume(volume);
  assert.deepEqual(JSON.parse(JSON.stringify(translated)), {
    metadata: { name: 'pv' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi },
  });
  assert.equal(asCsiVolume(volume), translated);
  assert.ok(volume.spec.gcePersistentDisk);
});

test('a volume of another source – stays the same object', () => {
  for (const volume of [{ spec: { csi } }, { spec: { hostPath: { path: '/' } } }, {}]) {
    assert.equal(asCsiVolume(volume), volume);
  }
});

test('an inline volume of a cloud – has a file system, and is named by its disk', () => {
  assert.deepEqual(inlineCsiVolume({ name: 'v', gcePersistentDisk }, 'default'), {
    metadata: { name: 'pd.csi.storage.gke.io-pd' },
    spec: { csi, accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' },
  });
  assert.equal(inlineCsiVolume({ name: 'v', emptyDir: {} }, 'default'), undefined);
});
