/** Where each online processor of this machine lies: its core, socket and NUMA node. */

import { readdir, readFile } from 'node:fs/promises';
import { parseCpuList } from '#base/text/cpu-list.ts';

export interface CpuPlace {
  /** The logical processor: a thread of its core. */
  readonly cpu: number;
  /** The lowest online processor of the core: unlike the kernel's number, unique on the machine. */
  readonly core: number;
  readonly socket: number;
  readonly numaNode: number;
}

/** Rejects where the kernel shows no topology. `systemDir` is the kernel's folder of devices of the system. */
export async function readCpuPlaces(systemDir = '/sys/devices/system'): Promise<CpuPlace[]> {
  const read = async (file: string) => (await readFile(`${systemDir}/cpu/${file}`, 'utf8')).trim();
  const online = parseCpuList(await read('online'));
  const placeOf = async (cpu: number): Promise<CpuPlace> => {
    const [siblings, socket, files] = await Promise.all([
      read(`cpu${cpu}/topology/thread_siblings_list`),
      read(`cpu${cpu}/topology/physical_package_id`),
      readdir(`${systemDir}/cpu/cpu${cpu}`),
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
  };
  return Promise.all(Array.from(online, placeOf));
}
