/** downwardAPI: fields of the pod itself as files that follow its changes. */

import { defaultMode, downwardFiles, filesPlugin } from './files-volume.ts';

export const downwardApiVolume = filesPlugin({
  name: 'downward-api',
  field: 'downwardAPI',
  inMemory: true,
  files(context, volume) {
    const { items = [], defaultMode: mode = defaultMode } = volume.downwardAPI!;
    return downwardFiles(context, items, mode);
  },
});
