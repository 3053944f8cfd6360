/**
 * image: the files of an image. The kubelet pulls it when a container is about to start that mounts it, and
 * mounts its snapshot itself; only the place is made before.
 */

import { ensureDirectory, listDirectory, removeEmptyDirectory } from '#host/files/files.ts';
import { pluginDir, type VolumePlugin, volumeDir } from '../volume.ts';

const pluginName = 'image';

/** Mounts an image, by its id, at a directory; harmless when it is mounted there. */
export interface ImageMounter {
  mount(image: string, directory: string): Promise<void>;
  unmount(directory: string): Promise<void>;
}

export function imageVolume(mounter: ImageMounter): VolumePlugin {
  return {
    name: pluginName,
    field: 'image',
    async setUp(context, volume) {
      const dir = volumeDir(context, pluginName, volume);
      await ensureDirectory(dir, 0o755);
      return dir;
    },
    async find({ volumesDir }) {
      const dir = pluginDir(volumesDir, pluginName);
      return (await listDirectory(dir)).map((name) => ({ name, path: `${dir}/${name}` }));
    },
    async tearDown({ path }) {
      await mounter.unmount(path);
      await removeEmptyDirectory(path);
    },
  };
}
