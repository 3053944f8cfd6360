/**
 * What the processes of a control group use, from the kernel's own stats, on cgroup v1 and v2. Memory counts the
 * group and all below it, as cAdvisor's stats do.
 */

import { type CgroupMount, machineCgroups, readNamedNumbers, readNumber, unlessAbsent } from './files.ts';

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

/** `path` is absolute within the hierarchy. Undefined when there is no such group. */
export async function readCgroupUsage(
  path: string,
  mount: CgroupMount = machineCgroups(),
): Promise<CgroupUsage | undefined> {
  const read = mount.isV2 ? readV2(`${mount.mountPoint}${path}`) : readV1(mount.mountPoint, path);
  return unlessAbsent(read);
}

async function readV1(mountPoint: string, path: string): Promise<CgroupUsage> {
  const [cpu, memory, stat] = await Promise.all([
    readNumber(`${mountPoint}/cpuacct${path}/cpuacct.usage`),
    readNumber(`${mountPoint}/memory${path}/memory.usage_in_bytes`),
    readNamedNumbers(`${mountPoint}/memory${path}/memory.stat`),
  ]);
  const total = (name: string) => stat(`total_${name}`) ?? 0;
  return {
    cpuNanos: cpu,
    memoryBytes: memory,
    workingSetBytes: Math.max(memory - total('inactive_file'), 0),
    rssBytes: total('rss'),
    cacheBytes: total('cache'),
    mappedFileBytes: total('mapped_file'),
    swapBytes: stat('total_swap'),
    pageFaults: total('pgfault'),
    majorPageFaults: total('pgmajfault'),
  };
}

async function readV2(folder: string): Promise<CgroupUsage> {
  const [cpu, stat, current, swap] = await Promise.all([
    readNamedNumbers(`${folder}/cpu.stat`),
    readNamedNumbers(`${folder}/memory.stat`),
    unlessAbsent(readNumber(`${folder}/memory.current`)),
    unlessAbsent(readNumber(`${folder}/memory.swap.current`)),
  ]);
  const amount = (name: string) => stat(name) ?? 0;
  // The root group has no memory.current.
  const memory = current ?? amount('anon') + amount('file') + amount('kernel');
  return {
    cpuNanos: (cpu('usage_usec') ?? 0) * nanosPerMicro,
    memoryBytes: memory,
    workingSetBytes: Math.max(memory - amount('inactive_file'), 0),
    rssBytes: amount('anon'),
    cacheBytes: amount('file'),
    mappedFileBytes: amount('file_mapped'),
    swapBytes: swap,
    pageFaults: amount('pgfault'),
    majorPageFaults: amount('pgmajfault'),
  };
}

const nanosPerMicro = 1000;
