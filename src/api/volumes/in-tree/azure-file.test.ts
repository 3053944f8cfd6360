import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ObjectMeta } from '../../meta/object.ts';
import { azureFile } from './azure-file.ts';

const share = { shareName: 'share', secretName: 'secret' };

for (const [podNamespace, namespace] of [
  ['', 'default'],
  ['test', 'test'],
] as const) {
  test(`an inline share – of a pod in the namespace "${podNamespace}" – has its Secret in ${namespace}`, () => {
    const handle = `#secret#share#v#${namespace}`;
    const volume = { name: 'v', azureFile: { ...share, readOnly: true } };
    assert.deepEqual(azureFile.ofInline(volume, podNamespace), {
      name: handle,
      accessMode: 'ReadWriteMany',
      csi: {
        driver: 'file.csi.azure.com',
        volumeHandle: handle,
        readOnly: true,
        volumeAttributes: { sharename: 'share' },
        nodeStageSecretRef: { name: 'secret', namespace },
      },
    });
  });
}

describe('handle of a share – of a PersistentVolume', () => {
  const claimRef = { namespace: 'claims' };
  const annotations = { 'kubernetes.io/azure-file-resource-group': 'group' };
  const account = { ...share, secretName: 'azure-storage-account-acme-secret' };
  const rows: [title: string, metadata: ObjectMeta, spec: object, handle: string][] = [
    ['with a namespace', {}, { azureFile: { ...share, secretNamespace: 'ns' } }, '#secret#share#pv#ns'],
    ['of a claim', {}, { azureFile: share, claimRef }, '#secret#share#pv#claims'],
    [
      'with a resource group',
      { annotations },
      { azureFile: share, claimRef },
      'group#secret#share#pv#claims',
    ],
    ['with the Secret of an account', {}, { azureFile: account, claimRef }, '#acme#share#pv#claims'],
  ];
  for (const [title, metadata, spec, handle] of rows) {
    test(title, () => {
      const translated = azureFile.ofVolume({ metadata: { name: 'pv', ...metadata }, spec });
      assert.equal(translated?.csi.volumeHandle, handle);
    });
  }
});

test('a share – without a namespace for its Secret – is rejected', () => {
  assert.throws(
    () => azureFile.ofVolume({ metadata: { name: 'pv' }, spec: { azureFile: share } }),
    new Error('could not find a secret namespace in PersistentVolumeSource or ClaimRef'),
  );
});
