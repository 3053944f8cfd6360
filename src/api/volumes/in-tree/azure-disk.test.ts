import assert from 'node:assert/strict';
import { test } from 'node:test';
import { azureDisk } from './azure-disk.ts';

const diskURI = '/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/disks/d';
const source = { diskName: 'd', diskURI };
const driver = 'disk.csi.azure.com';

test('a disk of Azure – inline – is named by its address', () => {
  const azure = { ...source, kind: 'Managed', cachingMode: 'ReadOnly', fsType: 'ext4', readOnly: true };
  const volumeAttributes = { kind: 'Managed', cachingmode: 'ReadOnly', fstype: 'ext4' };
  assert.deepEqual(azureDisk.ofInline({ name: 'v', azureDisk: azure }, 'default'), {
    name: diskURI,
    accessMode: 'ReadWriteOnce',
    csi: { driver, volumeHandle: diskURI, fsType: 'ext4', readOnly: true, volumeAttributes },
  });
});

test('a disk of Azure – of a PersistentVolume – keeps an empty caching mode', () => {
  const spec = { azureDisk: { ...source, cachingMode: '', kind: 'managed' } };
  const volumeAttributes = { kind: 'Managed', cachingmode: '' };
  assert.deepEqual(azureDisk.ofVolume({ spec }), {
    csi: { driver, volumeHandle: diskURI, volumeAttributes },
  });
});

test('a disk of Azure – that is not managed – is rejected', () => {
  const shared = { ...source, kind: 'Shared' };
  const failure = new Error('kind(Shared) is not supported in csi migration');
  assert.throws(() => azureDisk.ofVolume({ spec: { azureDisk: shared } }), failure);
  assert.throws(() => azureDisk.ofInline({ name: 'v', azureDisk: shared }, 'default'), failure);
});

test('another source – is not translated', () => {
  assert.equal(azureDisk.ofVolume({ spec: {} }), undefined);
  assert.equal(azureDisk.ofInline({ name: 'v' }, 'default'), undefined);
});
