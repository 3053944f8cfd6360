/**
 * What the processes of a control group use, from the kernel's own figures, on cgroup v1 and v2. Memory counts the
 * group and all below it, as cAdvisor's figures do.
 */

import { readFile } from 'node:fs/promises';
import { isCgroupV2 } from './capabilities.ts';

export interface CgroupUsage {
  /** CPU time since the group was made. */
  readonly cpuNanos: number;
  /** All memory that is charged to the group, page cache included. */
  readonly memoryBytes: number;
  /** Without the cache that the kernel would reclaim first. */
  readonly workingSetBytes: number;
  readonly rssBytes: number;
  readonly cacheBytes: number;
  readonly mappedFileBytes: number;
  /** Undefined where the kernel does not count swap. */
  readonly swapBytes: number | undefined;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
}

/** Where the hierarchies are mounted, and which version they are. */
export interface CgroupMount {
  readonly mountPoint: string;
  readonly isV2: boolean;
}

const machineMount = (): CgroupMount => ({ mountPoint: '/sys/fs/cgroup', isV2: isCgroupV2() });

/** The number behind a name; undefined where the kernel has none. */
type Figures = (name: string) => number | undefined;

/** `path` is absolute within the hierarchy. Undefined when there is no such group. */
export async function readCgroupUsage(
  path: string,
  mount: CgroupMount = machineMount(),
): Promise<CgroupUsage | undefined> {
  try {
    return mount.isV2 ? await readV2(`${mount.mountPoint}${path}`) : await readV1(mount.mountPoint, path);
  } catch (error) {
    // ENODEV: the group was removed between the opening of a file and its read.
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

async function readV1(mountPoint: string, path: string): Promise<CgroupUsage> {
  const [cpu, memory, stat] = await Promise.all([
    readNumber(`${mountPoint}/cpuacct${path}/cpuacct.usage`),
    readNumber(`${mountPoint}/memory${path}/memory.usage_in_bytes`),
    readFigures(`${mountPoint}/memory${path}/memory.stat`),
  ]);
  const figure = (name: string) => stat(`total_${name}`) ?? 0;
  return {
    cpuNanos: cpu,
    memoryBytes: memory,
    workingSetBytes: Math.max(memory - figure('inactive_file'), 0),
    rssBytes: figure('rss'),
    cacheBytes: figure('cache'),
    mappedFileBytes: figure('mapped_file'),
    swapBytes: stat('total_swap'),
    pageFaults: figure('pgfault'),
    majorPageFaults: figure('pgmajfault'),
  };
}

async function readV2(folder: string): Promise<CgroupUsage> {
  const [cpu, stat, current, swap] = await Promise.all([
    readFigures(`${folder}/cpu.stat`),
    readFigures(`${folder}/memory.stat`),
    unlessAbsent(readNumber(`${folder}/memory.current`)),
    unlessAbsent(readNumber(`${folder}/memory.swap.current`)),
  ]);
  const figure = (name: string) => stat(name) ?? 0;
  // The root group has no memory.current.
  const memory = current ?? figure('anon') + figure('file') + figure('kernel');
  return {
    cpuNanos: (cpu('usage_usec') ?? 0) * nanosPerMicro,
    memoryBytes: memory,
    workingSetBytes: Math.max(memory - figure('inactive_file'), 0),
    rssBytes: figure('anon'),
    cacheBytes: figure('file'),
    mappedFileBytes: figure('file_mapped'),
    swapBytes: swap,
    pageFaults: figure('pgfault'),
    majorPageFaults: figure('pgmajfault'),
  };
}

const nanosPerMicro = 1000;

async function readNumber(file: string): Promise<number> {
  return Number((await readFile(file, 'latin1')).trim());
}

/** A file of lines with a name and a number. */
async function readFigures(file: string): Promise<Figures> {
  const text = `\n${await readFile(file, 'latin1')}`;
  return (name) => {
    const start = text.indexOf(`\n${name} `);
    if (start < 0) return undefined;
    const end = text.indexOf('\n', start + 1);
    return Number(text.slice(start + name.length + 2, end < 0 ? undefined : end));
  };
}

async function unlessAbsent(read: Promise<number>): Promise<number | undefined> {
  try {
    return await read;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
