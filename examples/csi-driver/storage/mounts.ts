/** Bind mounts, by the machine's programs `mount` and `umount`. Needs a privileged container. */

import { execFile } from 'node:child_process';
import { mkdir, readFile, rmdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Mounted already, it stays as it is. */
export async function bindMount(from: string, target: string, options: readonly string[]): Promise<void> {
  await mkdir(target, { recursive: true });
  if (await isMounted(target)) return;
  await run('mount', ['--bind', from, target]);
  if (options.length > 0) await run('mount', ['-o', `remount,bind,${options.join(',')}`, target]);
}

/** Harmless when it is not mounted, or not there. */
export async function unmount(target: string): Promise<void> {
  if (await isMounted(target)) await run('umount', [target]);
  await rmdir(target).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

export async function isMounted(target: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[4] === target);
}
