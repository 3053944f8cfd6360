/** Shares of Azure Files. Upstream: plugins/azure_file.go of k8s.io/csi-translation-lib. */

import { csiSource, type InTreePlugin } from './in-tree-plugin.ts';

const driver = 'file.csi.azure.com';
const resourceGroup = 'kubernetes.io/azure-file-resource-group';

interface Share {
  readonly shareName: string;
  readonly secretName: string;
  readonly readOnly?: boolean | undefined;
}

interface Place {
  readonly group: string;
  /** Of the PersistentVolume, or of the volume in its pod. */
  readonly name: string;
  /** Of the Secret. */
  readonly namespace: string;
}

export const azureFile: InTreePlugin = {
  name: 'kubernetes.io/azure-file',
  driver,
  field: 'azureFile',
  ofVolume({ metadata, spec }) {
    const source = spec?.azureFile;
    if (!source) return undefined;
    const namespace = source.secretNamespace ?? spec.claimRef?.namespace ?? '';
    if (!namespace) {
      throw new Error('could not find a secret namespace in PersistentVolumeSource or ClaimRef');
    }
    const group = metadata?.annotations?.[resourceGroup] ?? '';
    return { csi: csiOf(source, { group, name: metadata?.name ?? '', namespace }) };
  },
  ofInline({ name, azureFile: source }, podNamespace) {
    if (!source) return undefined;
    const csi = csiOf(source, { group: '', name, namespace: podNamespace || 'default' });
    return { name: csi.volumeHandle, csi, accessMode: 'ReadWriteMany' };
  },
};

function csiOf({ shareName, secretName, readOnly }: Share, { group, name, namespace }: Place) {
  return csiSource({
    driver,
    volumeHandle: [group, accountOf(secretName), shareName, name, namespace].join('#'),
    readOnly,
    volumeAttributes: { sharename: shareName },
    nodeStageSecretRef: { name: secretName, namespace },
  });
}

/** A Secret with a name of another form is called as its storage account. */
function accountOf(secretName: string): string {
  return /azure-storage-account-(.+)-secret/.exec(secretName)?.[1] ?? secretName;
}
