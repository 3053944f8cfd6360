/** secret: the keys of a Secret as files in memory that follow its changes. */

import { defaultMode, filesPlugin, secretFiles } from './files-volume.ts';

export const secretVolume = filesPlugin({
  name: 'secret',
  field: 'secret',
  inMemory: true,
  files(context, volume) {
    const {
      secretName: name = '',
      items,
      optional = false,
      defaultMode: mode = defaultMode,
    } = volume.secret!;
    return secretFiles(context, { name, items, optional, mode });
  },
});
