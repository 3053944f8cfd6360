/** Managed disks of Azure. Upstream: plugins/azure_disk.go of k8s.io/csi-translation-lib. */

import type { AzureDiskVolumeSource } from '../../generated/types.gen.ts';
import { csiSource, type InTreePlugin } from './in-tree-plugin.ts';

const driver = 'disk.csi.azure.com';
const managed = 'Managed';

export const azureDisk: InTreePlugin = {
  name: 'kubernetes.io/azure-disk',
  driver,
  field: 'azureDisk',
  ofVolume({ spec }) {
    const source = spec?.azureDisk;
    return source && { csi: csiOf(source, source.cachingMode) };
  },
  ofInline({ azureDisk: source }) {
    if (!source) return undefined;
    const csi = csiOf(source, source.cachingMode || undefined);
    return { name: source.diskURI, csi, accessMode: 'ReadWriteOnce' };
  },
};

function csiOf({ diskURI, kind, fsType, readOnly }: AzureDiskVolumeSource, cachingmode: string | undefined) {
  if (kind !== undefined && kind.toLowerCase() !== managed.toLowerCase()) {
    throw new Error(`kind(${kind}) is not supported in csi migration`);
  }
  const volumeAttributes = {
    kind: managed,
    ...(cachingmode === undefined ? {} : { cachingmode }),
    ...(fsType === undefined ? {} : { fstype: fsType }),
  };
  return csiSource({ driver, volumeHandle: diskURI, fsType, readOnly, volumeAttributes });
}
