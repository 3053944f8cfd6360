/** configMap: the keys of a ConfigMap as files that follow its changes. */

import { configMapFiles, defaultMode, filesPlugin } from './files-volume.ts';

export const configMapVolume = filesPlugin({
  name: 'configmap',
  field: 'configMap',
  inMemory: false,
  files(context, volume) {
    const { name = '', items, optional = false, defaultMode: mode = defaultMode } = volume.configMap!;
    return configMapFiles(context, { name, items, optional, mode });
  },
});
