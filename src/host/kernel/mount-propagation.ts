/** Whether what is mounted on this machine later shows in containers, and what they mount on the machine. */

import { currentMounts, isAtOrBelow, type MountInfo, realPath } from './mount-info.ts';

export interface Propagation extends Pick<MountInfo, 'shared' | 'slave'> {
  /** Of the mount that the path lies on. */
  readonly mountPoint: string;
}

export async function propagationAt(path: string): Promise<Propagation> {
  return propagationIn(await currentMounts(), await realPath(path));
}

/** Of several mounts on one point the last one counts. */
export function propagationIn(mounts: readonly MountInfo[], path: string): Propagation {
  let found: Propagation = { mountPoint: '', shared: false, slave: false };
  for (const { path: mountPoint, shared, slave } of mounts) {
    if (isAtOrBelow(path, mountPoint) && mountPoint.length >= found.mountPoint.length) {
      found = { mountPoint, shared, slave };
    }
  }
  return found;
}
