/** What this machine has left of memory, disk, inodes and process ids, counted as upstream's kubelet counts it. */

import { readFile, stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { isCgroupV2 } from './capabilities.ts';
import { readCgroupUsage } from './cgroups/usage.ts';

const mountPoint = '/sys/fs/cgroup';
/** A limit above it is none: the kernel writes the largest number of pages there is. */
const limitBytesMax = 2 ** 60;

/** Bytes in use that the kernel cannot reclaim at once; 0 where the group does not exist. `/` is the machine. */
export async function workingSetBytes(cgroup: string): Promise<number> {
  return (await readCgroupUsage(cgroup))?.workingSetBytes ?? 0;
}

/** In bytes; undefined where the group has no limit, or does not exist. */
export async function memoryLimitBytes(cgroup: string): Promise<number | undefined> {
  const file = isCgroupV2()
    ? `${mountPoint}${cgroup}/memory.max`
    : `${mountPoint}/memory${cgroup}/memory.limit_in_bytes`;
  const limit = await numberIn(file).catch(() => Number.NaN);
  return limit < limitBytesMax ? limit : undefined;
}

/** Processes and threads in the group and all below it; 0 when it does not exist. */
export async function processesIn(cgroup: string): Promise<number> {
  const hierarchy = isCgroupV2() ? '' : '/pids';
  return numberIn(`${mountPoint}${hierarchy}${cgroup}/pids.current`).catch(() => 0);
}

export interface Room {
  readonly available: number;
  readonly capacity: number;
}

export async function memoryRoom(): Promise<Room> {
  const capacity = totalmem();
  return { available: capacity - (await workingSetBytes('/')), capacity };
}

/** Of all processes and threads of the machine, as many as the lower of the kernel's two limits allows. */
export async function processRoom(): Promise<Room> {
  const limits = ['/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'].map(numberIn);
  const capacity = Math.min(...(await Promise.all(limits)));
  const running = /^\S+ \S+ \S+ \d+\/(\d+) /.exec(await readFile('/proc/loadavg', 'utf8'));
  return { available: capacity - Number(running?.[1] ?? 0), capacity };
}

export interface FileSystemRoom {
  readonly bytes: Room;
  /** Undefined where the file system does not count inodes. */
  readonly inodes: Room | undefined;
}

/** Of the file system that contains `folder`. */
export async function fileSystemRoom(folder: string): Promise<FileSystemRoom> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(folder);
  return {
    bytes: { available: bavail * bsize, capacity: blocks * bsize },
    inodes: files === 0 ? undefined : { available: ffree, capacity: files },
  };
}

export async function areOnOneFileSystem(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([stat(a), stat(b)]);
  return first.dev === second.dev;
}

async function numberIn(file: string): Promise<number> {
  return Number((await readFile(file, 'utf8')).trim());
}
