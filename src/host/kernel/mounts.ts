/** Lists the mounts of this machine; mounts and unmounts. */

import { type FileHandle, mkdir, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openedPath } from '../files/inside.ts';
import { command, tryCommand } from '../processes/command.ts';
import { currentMounts, isAtOrBelow, type MountInfo, realPath } from './mount-info.ts';
import { propagationAt } from './mount-propagation.ts';

/** Every mount at or below `prefix`, innermost last. */
async function mountsUnder(prefix: string): Promise<MountInfo[]> {
  const real = await realPath(prefix);
  return (await currentMounts()).filter((mount) => isAtOrBelow(mount.path, real));
}

export async function isMounted(path: string): Promise<boolean> {
  const real = await realPath(path);
  return (await currentMounts()).some((mount) => mount.path === real);
}

/** Every place where the file system that is mounted at `path` is visible, `path` included. */
export async function currentMountsOf(path: string): Promise<MountInfo[]> {
  const real = await realPath(path);
  const mounts = await currentMounts();
  const device = mounts.findLast((mount) => mount.path === real)?.device;
  return device === undefined ? [] : mounts.filter((mount) => mount.device === device);
}

/**
 * Makes mounts at or below `dir` propagate into containers that mount it with propagation, and theirs here,
 * even where `/` is private: the directory is bind-mounted onto itself and made shared, as upstream's kubelet
 * does with its root directory. Earlier mounts below `dir` would be hidden by that: if there are any, nothing
 * is changed.
 */
export async function makeRShared(dir: string): Promise<void> {
  const real = await realPath(dir);
  if ((await propagationAt(dir)).shared || (await mountsUnder(dir)).some((mount) => mount.path !== real)) {
    return;
  }
  await command('mount', ['--bind', dir, dir]);
  await command('mount', ['--make-rshared', dir]);
}

/**
 * Detects a mount of another file system without reading the mount list, which is long where many pods run.
 */
async function hasOwnFileSystem(path: string): Promise<boolean> {
  const [own, parent] = await Promise.all([stat(path), stat(join(path, '..'))]);
  return own.dev !== parent.dev;
}

/** The same of a path that may not exist. */
export async function isFileSystem(path: string): Promise<boolean> {
  return hasOwnFileSystem(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return false;
    throw error;
  });
}

export async function mountTmpfs(
  path: string,
  options: { sizeBytes?: number; mode?: string } = {},
): Promise<void> {
  if (await hasOwnFileSystem(path)) return;
  const settings = [
    ...(options.sizeBytes ? [`size=${options.sizeBytes}`] : []),
    ...(options.mode ? [`mode=${options.mode}`] : []),
  ];
  const flags = settings.length > 0 ? ['-o', settings.join(',')] : [];
  await command('mount', ['-t', 'tmpfs', ...flags, 'tmpfs', path]);
}

/** `pageSize` as `2Mi`. */
export async function mountHugePages(path: string, pageSize: string): Promise<void> {
  if (await hasOwnFileSystem(path)) return;
  await command('mount', [
    '-t',
    'hugetlbfs',
    '-o',
    `pagesize=${pageSize.replace(/i$/, '')},mode=0777`,
    'nodev',
    path,
  ]);
}

/**
 * Bind-mounts an open file or directory at `target`, whatever has its path by now; but no mounts below it.
 */
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

/**
 * A file serves as mount point for everything but a directory. An existing mount point may be of the other
 * kind.
 */
async function makeMountPoint(target: string, isDirectory: boolean): Promise<void> {
  await (isDirectory ? unlink(target) : rmdir(target)).catch(() => undefined);
  await mkdir(isDirectory ? target : dirname(target), { recursive: true, mode: 0o750 });
  if (!isDirectory) await writeFile(target, '', { mode: 0o640 });
}

interface Unmounting {
  /** As in mountinfo: symbolic links resolved. */
  readonly prefix: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Number of mounts at the last check. */
  left: number;
}

const pathsPerUmount = 200;
let waiting: Unmounting[] = [];
let isUnmounting = false;

/**
 * Unmounts everything at or below `prefix`; busy mounts are detached. In rounds, since a mount hidden below a
 * later one becomes reachable only when that one is unmounted. Rejects when a round makes no progress. Pods
 * that end together share the rounds: each reads the mounts once and calls `umount` once.
 */
export async function unmountUnder(prefix: string): Promise<void> {
  const real = await realPath(prefix);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  waiting.push({ prefix: real, resolve, reject, left: Number.POSITIVE_INFINITY });
  if (!isUnmounting) void unmountWaiting();
  return promise;
}

async function unmountWaiting(): Promise<void> {
  isUnmounting = true;
  let problems = '';
  while (waiting.length > 0) {
    const asked = waiting;
    waiting = [];
    try {
      problems = await unmountRound(asked, problems);
    } catch (error) {
      for (const request of asked) request.reject(error as Error);
    }
  }
  isUnmounting = false;
}

/** Requests that still have mounts wait for the next round. Returns the error output of `umount`. */
async function unmountRound(asked: readonly Unmounting[], problems: string): Promise<string> {
  const found = mountsBelowEach(
    asked.map((request) => request.prefix),
    (await currentMounts()).map((mount) => mount.path),
  );
  const again = new Set<string>();
  for (const request of asked) {
    const mounts = found.get(request.prefix) ?? [];
    if (mounts.length === 0) {
      request.resolve();
    } else if (mounts.length >= request.left) {
      request.reject(new Error(`mounts stay below ${request.prefix}: ${problems.trim()}`));
    } else {
      waiting.push(Object.assign(request, { left: mounts.length }));
      for (const path of mounts) again.add(path);
    }
  }
  return umount([...again].reverse());
}

/**
 * Innermost last. Looks up each mount's parent folders instead of comparing every mount with every prefix.
 */
function mountsBelowEach(prefixes: readonly string[], paths: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>(prefixes.map((prefix) => [prefix, []]));
  for (const path of paths) {
    for (let dir = path; ; dir = dirname(dir)) {
      found.get(dir)?.push(path);
      if (dir === dirname(dir)) break;
    }
  }
  return found;
}

/** Continues after a failure. */
async function umount(paths: readonly string[]): Promise<string> {
  let problems = '';
  for (let from = 0; from < paths.length; from += pathsPerUmount) {
    problems += (await tryCommand('umount', ['-l', ...paths.slice(from, from + pathsPerUmount)])).stderr;
  }
  return problems;
}
