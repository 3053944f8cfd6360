/**
 * Images of containerd as directories of the machine: the layers of an image, merged and read-only, as its
 * containers would see them. For versions of containerd that cannot do it themselves (before 2.1).
 */

import { isMounted, unmountUnder } from '../kernel/mounts.ts';
import { ctr } from './images.ts';

export interface ImageMounts {
  /** `image`: by its id. Harmless when it is mounted there. */
  mount(image: string, directory: string): Promise<void>;
  /** Harmless when nothing is mounted there. The directory stays. */
  unmount(directory: string): Promise<void>;
}

const snapshotter = ['--snapshotter', 'overlayfs'];
/** Keeps the snapshot when the lease that `ctr` takes for a day has run out. */
const isRoot = 'containerd.io/gc.root=kybern';

export function imageMounts(socket: string): ImageMounts {
  return {
    async mount(image, directory) {
      if (await isMounted(directory)) return;
      await forget(socket, directory);
      await ctr(socket, ['images', 'mount', ...snapshotter, image, directory]);
      await ctr(socket, ['snapshots', ...snapshotter, 'label', directory, isRoot]);
    },
    async unmount(directory) {
      await unmountUnder(directory);
      await forget(socket, directory);
    },
  };
}

/** Snapshot and lease are called by the directory. A crash may have left either. */
async function forget(socket: string, directory: string): Promise<void> {
  const isMissing = (error: unknown) => {
    if (!/not found|does not exist/.test(String(error))) throw error;
  };
  await ctr(socket, ['snapshots', ...snapshotter, 'remove', directory]).catch(isMissing);
  await ctr(socket, ['leases', 'delete', directory]).catch(isMissing);
}
