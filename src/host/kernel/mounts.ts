/** What is mounted on this machine, and how to mount and unmount. */

import { type FileHandle, mkdir, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openedPath } from '../files/inside.ts';
import { command, tryCommand } from '../processes/command.ts';
import { currentMounts, isAtOrBelow, type MountInfo, realPath } from './mount-info.ts';
import { propagationAt } from './mount-propagation.ts';

/** Every mount at or below `prefix`, innermost last. */
async function mountsUnder(prefix: string): Promise<MountInfo[]> {
  const real = realPath(prefix);
  return (await currentMounts()).filter((mount) => isAtOrBelow(mount.path, real));
}

export async function isMounted(path: string): Promise<boolean> {
  const real = realPath(path);
  return (await currentMounts()).some((mount) => mount.path === real);
}

/**
 * Makes mounts at or below `dir` appear in containers that mount it with propagation, and theirs here, even where `/` is
 * private: the directory is bound to itself and shared, as upstream's kubelet does with its root directory. Earlier mounts
 * below `dir` would be hidden by that: while there are any it is left as it is.
 */
export async function makeRShared(dir: string): Promise<void> {
  const real = realPath(dir);
  if (propagationAt(dir).shared || (await mountsUnder(dir)).some((one) => one.path !== real)) return;
  await command('mount', ['--bind', dir, dir]);
  await command('mount', ['--make-rshared', dir]);
}

export async function mountTmpfs(
  path: string,
  options: { sizeBytes?: number; mode?: string } = {},
): Promise<void> {
  if (await isMounted(path)) return;
  const settings = [
    ...(options.sizeBytes ? [`size=${options.sizeBytes}`] : []),
    ...(options.mode ? [`mode=${options.mode}`] : []),
  ];
  const flags = settings.length > 0 ? ['-o', settings.join(',')] : [];
  await command('mount', ['-t', 'tmpfs', ...flags, 'tmpfs', path]);
}

/** `pageSize` as `2Mi`. */
export async function mountHugePages(path: string, pageSize: string): Promise<void> {
  if (await isMounted(path)) return;
  await command('mount', [
    '-t',
    'hugetlbfs',
    '-o',
    `pagesize=${pageSize.replace(/i$/, '')},mode=0777`,
    'nodev',
    path,
  ]);
}

/** Shows what is opened at `target` too, whatever becomes of the name it was opened by; but nothing mounted below it. */
export async function bindOpened(opened: FileHandle, target: string): Promise<void> {
  const wanted = await opened.stat();
  if (await isMounted(target)) {
    const present = await stat(target);
    if (present.dev === wanted.dev && present.ino === wanted.ino) return;
    await command('umount', ['-l', target]);
  }
  await makeMountPoint(target, wanted.isDirectory());
  await command('mount', ['--no-canonicalize', '--bind', openedPath(opened), target]);
}

/** A file is enough for everything but a directory. An earlier one may be of the other kind. */
async function makeMountPoint(target: string, isDirectory: boolean): Promise<void> {
  await (isDirectory ? unlink(target) : rmdir(target)).catch(() => undefined);
  await mkdir(isDirectory ? target : dirname(target), { recursive: true, mode: 0o750 });
  if (!isDirectory) await writeFile(target, '', { mode: 0o640 });
}

/**
 * Unmounts everything at or below `prefix`; busy mounts are detached. In rounds, since a mount that lies hidden below
 * a later one can be reached only when that one is gone. Throws when a round gets nowhere.
 */
export async function unmountUnder(prefix: string): Promise<void> {
  let left = await mountsUnder(prefix);
  while (left.length > 0) {
    let problems = '';
    for (const mount of left.reverse()) problems += (await tryCommand('umount', ['-l', mount.path])).stderr;
    const still = await mountsUnder(prefix);
    if (still.length >= left.length) throw new Error(`mounts stay below ${prefix}: ${problems.trim()}`);
    left = still;
  }
}
