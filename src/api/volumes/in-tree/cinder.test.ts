import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cinder } from './cinder.ts';

const csi = { driver: 'cinder.csi.openstack.org', volumeHandle: 'vol1', fsType: 'ext4', readOnly: true };
const source = { volumeID: 'vol1', fsType: 'ext4', readOnly: true };

test('a volume of Cinder – inline – is for one node', () => {
  assert.deepEqual(cinder.ofInline({ name: 'v', cinder: source }, 'default'), {
    name: 'cinder.csi.openstack.org-vol1',
    accessMode: 'ReadWriteOnce',
    csi,
  });
});

test('a volume of Cinder – of a PersistentVolume – has its zone as the driver names it', () => {
  const labels = { 'failure-domain.beta.kubernetes.io/zone': 'nova' };
  const zone = { key: 'topology.cinder.csi.openstack.org/zone', operator: 'In', values: ['nova'] };
  assert.deepEqual(cinder.ofVolume({ metadata: { labels }, spec: { cinder: source } }), {
    csi,
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
  });
});
