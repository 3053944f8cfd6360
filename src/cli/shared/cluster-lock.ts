/**
 * Serializes commands on a cluster: the state that a command has read is still valid when it acts. The lock
 * is in the cluster's own folder, so that a killed command's lock is removed with the cluster.
 */

import { dirname } from 'node:path';
import { makeFolder } from '#host/files/make-folder.ts';
import { removeIfEmpty } from '#host/files/remove-if-empty.ts';
import { type ClusterPaths, kybernHome } from '#host/home/cluster-home.ts';
import { withMachineLock } from '#host/home/machine-lock.ts';
import { hintOf, Problem } from './problem.ts';

const ownersOnly = 0o700;

/** Folders that `work` leaves empty are removed with the lock. */
export async function withClusterLock<T>(paths: ClusterPaths, work: () => Promise<T>): Promise<T> {
  mustHaveFolder(paths.dir);
  try {
    return await withMachineLock(paths.lock, work, { folderMode: ownersOnly });
  } finally {
    for (const folder of [paths.dir, dirname(paths.dir), kybernHome()]) removeIfEmpty(folder);
  }
}

function mustHaveFolder(dir: string): void {
  try {
    makeFolder(dir, ownersOnly);
  } catch (error) {
    throw new Problem(
      `no cluster can be kept in ${kybernHome()}: ${(error as Error).message}`,
      hintOf(error) ?? 'set KYBERN_HOME to a folder that can be written',
    );
  }
}
