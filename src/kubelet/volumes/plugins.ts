/** The kinds of volumes this kubelet knows. */

import type { PersistentVolumeSpec, Volume } from '#api/generated/types.gen.ts';
import { emptyDirVolume } from './empty-dir.ts';
import { hostPathVolume } from './host-path.ts';
import { iscsiVolume } from './persistent/iscsi.ts';
import { localVolume } from './persistent/local.ts';
import { nfsVolume } from './persistent/nfs.ts';
import type { VolumePlugin } from './volume.ts';
import { configMapVolume } from './written/config-map.ts';
import { downwardApiVolume } from './written/downward-api.ts';
import { projectedVolume } from './written/projected.ts';
import { secretVolume } from './written/secret.ts';

/** The plugin of a volume of a pod that names its source itself. */
export function pluginOf(plugins: readonly VolumePlugin[], volume: Volume): VolumePlugin | undefined {
  return plugins.find(({ field }) => field !== undefined && volume[field] !== undefined);
}

/** The plugin of a claim's volume. */
export function claimPluginOf(
  plugins: readonly VolumePlugin[],
  spec: PersistentVolumeSpec,
): VolumePlugin | undefined {
  return plugins.find(({ claimField }) => claimField !== undefined && spec[claimField] !== undefined);
}

export const volumePlugins: readonly VolumePlugin[] = [
  configMapVolume,
  secretVolume,
  emptyDirVolume,
  hostPathVolume,
  iscsiVolume,
  localVolume,
  nfsVolume,
  projectedVolume,
  downwardApiVolume,
];
