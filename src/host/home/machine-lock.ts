/**
 * Mutual exclusion among processes of the machine: a file names the holder, so that the lock of a dead holder
 * can be taken over.
 */

import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeFolder } from '../files/make-folder.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../processes/processes.ts';

const retryMs = 25;
const patienceMs = 30_000;

/**
 * Runs `work` while this process alone holds `path`; throws when a living holder does not release it within
 * 30 seconds. The lock's folder is created if it is missing, also when its last holder removed it.
 */
export async function withMachineLock<T>(
  path: string,
  work: () => Promise<T>,
  { folderMode = 0o755 } = {},
): Promise<T> {
  for (let waitedMs = 0; !tryTake(path, folderMode); waitedMs += retryMs) {
    if (waitedMs > patienceMs) {
      throw new Error(`${path} is held by another process for ${patienceMs / 1000} s`);
    }
    releaseDeadLock(path);
    await wait(retryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * Written to a temporary file and linked: a lock always contains its holder, whenever the holder is killed.
 */
function tryTake(path: string, folderMode?: number): boolean {
  if (folderMode !== undefined) makeFolder(dirname(path), folderMode);
  const own = `${path}.${process.pid}`;
  try {
    writeFileSync(own, JSON.stringify(identityOf(process.pid)), { mode: 0o644 });
    linkSync(own, path);
    return true;
  } catch (error) {
    // Held by another process, or its holder has just removed the folder.
    if (!['EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Removes a lock whose holder has ended; does nothing without permission (root's lock, and we are not root).
 */
export function releaseDeadLock(path: string): void {
  const holder = holderOf(path);
  if (!holder || isAlive(holder)) return;
  try {
    removeLockOf(holder, path);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) throw error;
  }
}

/**
 * When several waiters saw the same dead holder, a slow one must not remove the lock that a fast one has
 * taken since. The remover first holds a lock on the removal, named after the dead process, and checks again:
 * while it is held, no other process can have changed what a dead process left. Its holder can die too; then
 * that lock is removed in the same way.
 */
function removeLockOf(dead: ProcessIdentity, path: string): void {
  const removal = `${path}.${nameOf(dead)}`;
  if (!tryTake(removal)) {
    releaseDeadLock(removal);
    return;
  }
  try {
    const holder = holderOf(path);
    if (holder && nameOf(holder) === nameOf(dead)) rmSync(path, { force: true });
  } finally {
    rmSync(removal, { force: true });
  }
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    // The lock is free.
    return undefined;
  }
}

function nameOf({ pid, startTicks }: ProcessIdentity): string {
  return `${pid}-${startTicks}`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
