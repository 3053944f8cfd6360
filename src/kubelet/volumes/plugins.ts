/** The kinds of volumes this kubelet knows. */

import type { Volume } from '#api/generated/types.gen.ts';
import { configMapVolume } from './config-map.ts';
import { downwardApiVolume } from './downward-api.ts';
import { emptyDirVolume } from './empty-dir.ts';
import { hostPathVolume } from './host-path.ts';
import { projectedVolume } from './projected.ts';
import { secretVolume } from './secret.ts';
import type { VolumePlugin } from './volume.ts';

export function pluginOf(volume: Volume): VolumePlugin | undefined {
  return volumePlugins.find((plugin) => volume[plugin.field] !== undefined);
}

export const volumePlugins: readonly VolumePlugin[] = [
  configMapVolume,
  secretVolume,
  emptyDirVolume,
  hostPathVolume,
  projectedVolume,
  downwardApiVolume,
];
