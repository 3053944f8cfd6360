/** Whether later mounts of this machine appear in containers, and mounts of containers on the machine. */

import { currentMounts, isAtOrBelow, type MountInfo, realPath } from './mount-info.ts';

export interface Propagation extends Pick<MountInfo, 'shared' | 'slave'> {
  /** The mount that contains the path. */
  readonly mountPoint: string;
}

export async function propagationAt(path: string): Promise<Propagation> {
  return propagationIn(await currentMounts(), await realPath(path));
}

/** Of several mounts on one mount point the last counts. */
export function propagationIn(mounts: readonly MountInfo[], path: string): Propagation {
  let found: Propagation = { mountPoint: '', shared: false, slave: false };
  for (const { path: mountPoint, shared, slave } of mounts) {
    if (isAtOrBelow(path, mountPoint) && mountPoint.length >= found.mountPoint.length) {
      found = { mountPoint, shared, slave };
    }
  }
  return found;
}
