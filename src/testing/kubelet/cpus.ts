/** Machines of a regular shape, for tests of what is done with their processors. */

import type { CpuPlace } from '#host/kernel/cpus/places.ts';

export interface MachineShape {
  readonly sockets: number;
  readonly numaNodes: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
  /** That share a last-level cache; default all of a socket. */
  readonly coresPerCache?: number;
}

/** Processors are numbered as the kernel does: the first thread of all cores, then the second. */
export function cpuPlaces(shape: MachineShape): CpuPlace[] {
  const cores = shape.sockets * shape.coresPerSocket;
  return Array.from({ length: cores * shape.threadsPerCore }, (_, cpu) => {
    const core = cpu % cores;
    const socket = Math.floor(core / shape.coresPerSocket);
    const cache = Math.floor(core / (shape.coresPerCache ?? shape.coresPerSocket));
    return { cpu, core, socket, numaNode: Math.floor((core * shape.numaNodes) / cores), cache };
  });
}
