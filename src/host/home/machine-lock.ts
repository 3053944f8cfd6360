/** One process of the machine at a time: held by a file that names its holder, so that a dead one's lock is taken over. */

import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeFolder } from '../files/make-folder.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../processes/processes.ts';

const retryMs = 25;
const patienceMs = 30_000;

/**
 * Runs `work` while this process alone holds `path`; throws when a living holder does not let go in 30 seconds. The
 * lock's folder is made where it is missing, also when its last holder took it away.
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

/** Written aside and linked in: a lock is never there without its holder's name, whenever its holder is killed. */
function tryTake(path: string, folderMode?: number): boolean {
  if (folderMode !== undefined) makeFolder(dirname(path), folderMode);
  const own = `${path}.${process.pid}`;
  try {
    writeFileSync(own, JSON.stringify(identityOf(process.pid)), { mode: 0o644 });
    linkSync(own, path);
    return true;
  } catch (error) {
    // Held, or its holder has just taken all of the folder away.
    if (!['EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes a lock whose holder has ended; left alone where that is not ours to do (root's lock, and we are not root). */
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
 * Of several waiters that saw the same dead holder, a slow one must not remove the lock that a quick one has taken since.
 * Whoever removes it first holds a lock on just that, named after the dead, and looks again: as long as it is held, nobody
 * else can have changed what a dead process left. Its own holder can die too; then it is removed in the same way.
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
    // Nobody holds it.
    return undefined;
  }
}

function nameOf({ pid, startTicks }: ProcessIdentity): string {
  return `${pid}-${startTicks}`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
