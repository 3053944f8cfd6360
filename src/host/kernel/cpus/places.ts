/** Where each online processor of this machine lies: its core, cache, socket and NUMA node. */

import { readdir, readFile } from 'node:fs/promises';
import { parseCpuList } from '#base/text/cpu-list.ts';

export interface CpuPlace {
  /** The logical processor: a thread of its core. */
  readonly cpu: number;
  /** The lowest online processor of the core: unlike the kernel's number, unique on the machine. */
  readonly core: number;
  readonly socket: number;
  readonly numaNode: number;
  /**
   * The last-level cache that the core shares with a part of its node. The number of the socket where a whole node
   * shares one, as upstream counts.
   */
  readonly cache: number;
}

/** Rejects where the kernel shows no topology. `systemDir` is the kernel's folder of devices of the system. */
export async function readCpuPlaces(systemDir = '/sys/devices/system'): Promise<CpuPlace[]> {
  const cpuDir = `${systemDir}/cpu`;
  const online = parseCpuList(await readTrimmed(`${cpuDir}/online`));
  const found = await Promise.all(
    Array.from(online, async (cpu) => ({
      place: await placeOf(cpuDir, cpu, online),
      shared: await lastCache(`${cpuDir}/cpu${cpu}/cache`),
    })),
  );
  return found.map(({ place, shared }) => {
    const inNode = found.filter((other) => other.place.numaNode === place.numaNode).length;
    return { ...place, cache: shared && shared.cpus !== inNode ? shared.id : place.socket };
  });
}

async function placeOf(cpuDir: string, cpu: number, online: ReadonlySet<number>) {
  const [siblings, socket, files] = await Promise.all([
    readTrimmed(`${cpuDir}/cpu${cpu}/topology/thread_siblings_list`),
    readTrimmed(`${cpuDir}/cpu${cpu}/topology/physical_package_id`),
    readdir(`${cpuDir}/cpu${cpu}`),
  ]);
  const threads = [...parseCpuList(siblings)].filter((thread) => online.has(thread));
  // A kernel without NUMA shows no node, and -1 where it does not know the socket.
  const node = files.map((name) => /^node(\d+)$/.exec(name)?.[1]).find((id) => id !== undefined);
  return {
    cpu,
    core: Math.min(cpu, ...threads),
    socket: Math.max(Number(socket), 0),
    numaNode: Number(node ?? 0),
  };
}

/** The cache of the third level, with how many processors share it; undefined where the kernel shows none. */
async function lastCache(dir: string): Promise<{ id: number; cpus: number } | undefined> {
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith('index'))) {
    if (Number(await readTrimmed(`${dir}/${name}/level`)) <= 2) continue;
    const id = await readTrimmed(`${dir}/${name}/id`).catch(() => undefined);
    if (id === undefined) return undefined;
    return { id: Number(id), cpus: parseCpuList(await readTrimmed(`${dir}/${name}/shared_cpu_list`)).size };
  }
  return undefined;
}

async function readTrimmed(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}
