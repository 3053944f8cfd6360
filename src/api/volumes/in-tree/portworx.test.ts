import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portworx } from './portworx.ts';

const portworxVolume = { volumeID: 'px', fsType: 'ext4', readOnly: true };
const csi = { driver: 'pxd.portworx.com', volumeHandle: 'px', fsType: 'ext4' };

test('a volume of Portworx – inline, read-only – may be read by many nodes', () => {
  assert.deepEqual(portworx.ofInline({ name: 'v', portworxVolume }, 'default'), {
    name: 'pxd.portworx.com-px',
    accessMode: 'ReadOnlyMany',
    csi,
  });
});

test('a volume of Portworx – of a PersistentVolume – has no Secrets', () => {
  const annotations = { 'openstorage.io/auth-secret-name': 's' };
  assert.deepEqual(portworx.ofVolume({ metadata: { annotations }, spec: { portworxVolume } }), { csi });
});

test('a volume of Portworx – with a Secret in its annotations – has it for all calls', () => {
  const annotations = {
    'openstorage.io/auth-secret-name': 's',
    'openstorage.io/auth-secret-namespace': 'ns',
  };
  const secret = { name: 's', namespace: 'ns' };
  assert.deepEqual(portworx.ofVolume({ metadata: { annotations }, spec: { portworxVolume } }), {
    csi: {
      ...csi,
      controllerPublishSecretRef: secret,
      nodeStageSecretRef: secret,
      nodePublishSecretRef: secret,
      controllerExpandSecretRef: secret,
      nodeExpandSecretRef: secret,
    },
  });
});
