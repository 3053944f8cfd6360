/** downwardAPI: fields of the pod itself as files that follow its changes. */

import { defaultMode, downwardFiles, writeFiles } from './files-volume.ts';
import type { VolumePlugin } from './volume.ts';

export const downwardApiVolume: VolumePlugin = {
  field: 'downwardAPI',
  readOnly: true,
  async setUp(context, volume) {
    const { items = [], defaultMode: mode = defaultMode } = volume.downwardAPI!;
    return writeFiles(context, 'downward-api', volume, downwardFiles(context, items, mode), true);
  },
};
