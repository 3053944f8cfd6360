/** emptyDir: a directory that lives as long as the pod, on disk or in memory. */

import { quantityValue } from '#api/quantity.ts';
import { ensureDirectory, giveToGroup, kindOf } from '#host/files.ts';
import { mountTmpfs } from '#host/mounts.ts';
import { type VolumePlugin, volumeDir } from './volume.ts';

export const emptyDirVolume: VolumePlugin = {
  field: 'emptyDir',
  async setUp(context, volume) {
    const { medium = '', sizeLimit } = volume.emptyDir!;
    if (medium !== '' && medium !== 'Memory') throw new Error(`storage medium "${medium}" is not supported`);
    const dir = volumeDir(context, 'empty-dir', volume);
    const isNew = (await kindOf(dir)) === undefined;
    await ensureDirectory(dir, 0o777);
    if (medium === 'Memory') {
      const sizeBytes = sizeLimit ? quantityValue(sizeLimit) : 0;
      await mountTmpfs(dir, { mode: '0777', ...(sizeBytes > 0 ? { sizeBytes } : {}) });
    }
    const group = context.pod.spec.securityContext?.fsGroup;
    // Only once: what the pod writes later gets the group from the directory.
    if (group !== undefined && isNew) await giveToGroup(dir, group, false);
    return dir;
  },
};
