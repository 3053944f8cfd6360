/** Volumes of OpenStack's Cinder. Upstream: plugins/openstack_cinder.go of k8s.io/csi-translation-lib. */

import type { CinderPersistentVolumeSource, CinderVolumeSource } from '../../generated/types.gen.ts';
import { csiSource, type InTreePlugin } from './in-tree-plugin.ts';
import { zonalAffinity } from './topology.ts';

const driver = 'cinder.csi.openstack.org';

export const cinder: InTreePlugin = {
  name: 'kubernetes.io/cinder',
  driver,
  field: 'cinder',
  ofVolume(volume) {
    const source = volume.spec?.cinder;
    return source && { csi: csiOf(source), nodeAffinity: zonalAffinity(volume, `topology.${driver}/zone`) };
  },
  ofInline({ cinder: source }) {
    return (
      source && { name: `${driver}-${source.volumeID}`, csi: csiOf(source), accessMode: 'ReadWriteOnce' }
    );
  },
};

function csiOf({ volumeID, fsType, readOnly }: CinderVolumeSource | CinderPersistentVolumeSource) {
  return csiSource({ driver, volumeHandle: volumeID, fsType, readOnly });
}
