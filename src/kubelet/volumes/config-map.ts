/** configMap: the keys of a ConfigMap as files that follow its changes. */

import { configMapFiles, defaultMode, writeFiles } from './files-volume.ts';
import type { VolumePlugin } from './volume.ts';

export const configMapVolume: VolumePlugin = {
  field: 'configMap',
  readOnly: true,
  async setUp(context, volume) {
    const { name = '', items, optional = false, defaultMode: mode = defaultMode } = volume.configMap!;
    const files = await configMapFiles(context, { name, items, optional, mode });
    return writeFiles(context, 'configmap', volume, files, false);
  },
};
