/** secret: the keys of a Secret as files in memory that follow its changes. */

import { defaultMode, secretFiles, writeFiles } from './files-volume.ts';
import type { VolumePlugin } from './volume.ts';

export const secretVolume: VolumePlugin = {
  field: 'secret',
  readOnly: true,
  async setUp(context, volume) {
    const {
      secretName: name = '',
      items,
      optional = false,
      defaultMode: mode = defaultMode,
    } = volume.secret!;
    const files = await secretFiles(context, { name, items, optional, mode });
    return writeFiles(context, 'secret', volume, files, true);
  },
};
