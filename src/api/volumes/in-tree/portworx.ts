/** Volumes of Portworx. Upstream: plugins/portworx.go of k8s.io/csi-translation-lib. */

import type { PersistentVolume, PortworxVolumeSource } from '../../generated/types.gen.ts';
import { csiSource, type InTreePlugin } from './in-tree-plugin.ts';

const driver = 'pxd.portworx.com';
const secretName = 'openstorage.io/auth-secret-name';
const secretNamespace = 'openstorage.io/auth-secret-namespace';

export const portworx: InTreePlugin = {
  name: 'kubernetes.io/portworx-volume',
  driver,
  field: 'portworxVolume',
  ofVolume(volume) {
    const source = volume.spec?.portworxVolume;
    return source && { csi: { ...csiOf(source), ...secretsOf(volume) } };
  },
  ofInline({ portworxVolume: source }) {
    if (!source) return undefined;
    const accessMode = source.readOnly ? 'ReadOnlyMany' : 'ReadWriteOnce';
    return { name: `${driver}-${source.volumeID}`, csi: csiOf(source), accessMode };
  },
};

/** Read-only is a matter of access modes. */
function csiOf({ volumeID, fsType }: PortworxVolumeSource) {
  return csiSource({ driver, volumeHandle: volumeID, fsType });
}

/** One Secret for all calls, which the volume's annotations name. */
function secretsOf({ metadata }: PersistentVolume) {
  const { [secretName]: name, [secretNamespace]: namespace } = metadata?.annotations ?? {};
  if (name === undefined || namespace === undefined) return {};
  const reference = { name, namespace };
  return {
    controllerPublishSecretRef: reference,
    nodeStageSecretRef: reference,
    nodePublishSecretRef: reference,
    controllerExpandSecretRef: reference,
    nodeExpandSecretRef: reference,
  };
}
