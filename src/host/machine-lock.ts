/** One process of the machine at a time: held by a file that names its holder, so that a dead one's lock is taken over. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from './processes.ts';

const retryMs = 25;
const patienceMs = 30_000;

/** Runs `work` while this process alone holds `path`; throws when a living holder does not let go in 30 seconds. */
export async function withMachineLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const self = JSON.stringify(identityOf(process.pid));
  for (let waitedMs = 0; !tryTake(path, self); waitedMs += retryMs) {
    if (waitedMs > patienceMs)
      throw new Error(`${path} is held by another process for ${patienceMs / 1000} s`);
    await wait(retryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryTake(path: string, self: string): boolean {
  try {
    writeFileSync(path, self, { flag: 'wx', mode: 0o644 });
    return true;
  } catch {
    if (!holderIsGone(path)) return false;
    rmSync(path, { force: true });
    return false;
  }
}

/** A lock that cannot be read yet is being written by a living process. */
function holderIsGone(path: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity);
  } catch {
    return false;
  }
}
