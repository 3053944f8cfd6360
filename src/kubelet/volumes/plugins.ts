/** The kinds of volumes this kubelet knows. */

import { configMapVolume } from './config-map.ts';
import { downwardApiVolume } from './downward-api.ts';
import { emptyDirVolume } from './empty-dir.ts';
import { hostPathVolume } from './host-path.ts';
import { projectedVolume } from './projected.ts';
import { secretVolume } from './secret.ts';
import type { VolumePlugin } from './volume.ts';

export const volumePlugins: readonly VolumePlugin[] = [
  configMapVolume,
  secretVolume,
  emptyDirVolume,
  hostPathVolume,
  projectedVolume,
  downwardApiVolume,
];
