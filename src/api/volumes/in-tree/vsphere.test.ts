import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vsphere } from './vsphere.ts';

const volumePath = '[store] folder/disk.vmdk';
const vsphereVolume = { volumePath, fsType: 'ext4', storagePolicyName: 'gold' };
const csi = {
  driver: 'csi.vsphere.vmware.com',
  volumeHandle: volumePath,
  fsType: 'ext4',
  volumeAttributes: { storagepolicyname: 'gold' },
};

test('a disk of vSphere – inline – has its storage policy', () => {
  assert.deepEqual(vsphere.ofInline({ name: 'v', vsphereVolume }, 'default'), {
    name: `csi.vsphere.vmware.com-${volumePath}`,
    accessMode: 'ReadWriteOnce',
    csi,
  });
});

test('a disk of vSphere – of a PersistentVolume – has zone and region as the driver names them', () => {
  const labels = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1' };
  const matchExpressions = [
    { key: 'topology.csi.vmware.com/zone', operator: 'In', values: ['z1'] },
    { key: 'topology.csi.vmware.com/region', operator: 'In', values: ['r1'] },
  ];
  assert.deepEqual(vsphere.ofVolume({ metadata: { labels }, spec: { vsphereVolume } }), {
    csi,
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
  });
});
