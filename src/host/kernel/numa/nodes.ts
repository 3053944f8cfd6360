/** The NUMA nodes of this machine, with their distances. */

import { readdir, readFile } from 'node:fs/promises';

export interface MachineNumaNode {
  readonly id: number;
  /** To each node, in the order of the nodes. */
  readonly distances: readonly number[];
}

/** One node on a kernel without NUMA. `systemDir` is the kernel's folder of devices of the system. */
export async function readNumaNodes(systemDir = '/sys/devices/system'): Promise<MachineNumaNode[]> {
  const names = await readdir(`${systemDir}/node`).catch(() => []);
  const ids = names.flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  if (ids.length === 0) return [{ id: 0, distances: [10] }];
  const nodes = ids
    .sort((a, b) => a - b)
    .map(async (id) => {
      const text = await readFile(`${systemDir}/node/node${id}/distance`, 'utf8');
      return { id, distances: text.trim().split(/\s+/).map(Number) };
    });
  return Promise.all(nodes);
}
