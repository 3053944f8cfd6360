/** One process of the machine at a time: held by a file that names its holder, so that a dead one's lock is taken over. */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from './processes.ts';

const retryMs = 25;
const patienceMs = 30_000;

/** Runs `work` while this process alone holds `path`; throws when a living holder does not let go in 30 seconds. */
export async function withMachineLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; !tryTake(path); waitedMs += retryMs) {
    if (waitedMs > patienceMs)
      throw new Error(`${path} is held by another process for ${patienceMs / 1000} s`);
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
function tryTake(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identityOf(process.pid)), { mode: 0o644 });
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own);
  }
}

/** Removes a lock whose holder has ended. Moved away first, since only one process can do that. */
export function releaseDeadLock(path: string): void {
  const holder = holderOf(path);
  if (!holder || isAlive(holder)) return;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    // Another process was first, or the lock is of root and we are not.
    return;
  }
  // Between the look and the move a living process may have taken it: then it gets it back.
  const moved = holderOf(aside);
  if (moved && isAlive(moved)) linkSync(aside, path);
  rmSync(aside);
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    // Nobody holds it.
    return undefined;
  }
}
