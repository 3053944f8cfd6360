/** Virtual disks of vSphere. Upstream: plugins/vsphere_volume.go of k8s.io/csi-translation-lib. */

import type { VsphereVirtualDiskVolumeSource } from '../../generated/types.gen.ts';
import { csiSource, type InTreePlugin } from './in-tree-plugin.ts';
import { regionalAffinity } from './topology.ts';

const driver = 'csi.vsphere.vmware.com';
const zoneKey = 'topology.csi.vmware.com/zone';
const regionKey = 'topology.csi.vmware.com/region';

export const vsphere: InTreePlugin = {
  name: 'kubernetes.io/vsphere-volume',
  driver,
  field: 'vsphereVolume',
  ofVolume(volume) {
    const source = volume.spec?.vsphereVolume;
    return source && { csi: csiOf(source), nodeAffinity: regionalAffinity(volume, zoneKey, regionKey) };
  },
  ofInline({ vsphereVolume: source }) {
    return (
      source && { name: `${driver}-${source.volumePath}`, csi: csiOf(source), accessMode: 'ReadWriteOnce' }
    );
  },
};

/** Upstream ends with a nil pointer at the storage policy of an inline volume; here the driver gets it. */
function csiOf({ volumePath, fsType, storagePolicyName }: VsphereVirtualDiskVolumeSource) {
  const volumeAttributes: Record<string, string> = {};
  if (storagePolicyName) volumeAttributes['storagepolicyname'] = storagePolicyName;
  return csiSource({ driver, volumeHandle: volumePath, fsType, volumeAttributes });
}
