/** Whose the memory of each NUMA node is. Upstream: pkg/kubelet/cm/memorymanager/state, whose names the file has. */

import type { NumaMask } from '../../topology/numa-mask.ts';

/** Bytes of one resource: `memory`, or a size of huge pages. */
export interface MemoryTable {
  total: number;
  systemReserved: number;
  allocatable: number;
  reserved: number;
  free: number;
}

export interface NodeMemory {
  /** Of blocks that are taken of the node. */
  numberOfAssignments: number;
  memoryMap: Record<string, MemoryTable>;
  /** The node itself, with the nodes that it meets requests together with. */
  cells: number[];
}

export interface Block {
  readonly numaAffinity: readonly number[];
  /** `memory` or `hugepages-2Mi`. */
  readonly type: string;
  /** In bytes. */
  size: number;
}

export interface MemoryState {
  /** By number of the NUMA node. */
  readonly machine: Record<number, NodeMemory>;
  /** By pod uid, by container. */
  readonly blocks: Record<string, Record<string, Block[]>>;
  /** What init containers of the pod that was assigned last leave to its later containers; not kept on disk. */
  readonly reusable: { podUid: string; readonly byNodes: Map<NumaMask, Map<string, number>> };
}

export function stateOf(machine: MemoryState['machine'], blocks: MemoryState['blocks'] = {}): MemoryState {
  return { machine, blocks, reusable: { podUid: '', byNodes: new Map() } };
}

/** Takes the block of its nodes, the first ones first. */
export function takeBlock(
  machine: MemoryState['machine'],
  nodes: readonly number[],
  type: string,
  size: number,
): void {
  let missing = size;
  for (const id of nodes) {
    const node = machine[id]!;
    node.numberOfAssignments++;
    node.cells = [...nodes];
    const table = node.memoryMap[type]!;
    const taken = Math.min(missing, table.free);
    table.reserved += taken;
    table.free -= taken;
    missing -= taken;
  }
}

export function releaseContainer(before: MemoryState, podUid: string, container: string): MemoryState {
  const state = structuredClone(before);
  const containers = state.blocks[podUid];
  const blocks = containers?.[container];
  if (!containers || !blocks) return before;
  delete containers[container];
  if (Object.keys(containers).length === 0) delete state.blocks[podUid];
  for (const { numaAffinity, type, size } of blocks) {
    let released = size;
    for (const id of numaAffinity) {
      const node = state.machine[id]!;
      node.numberOfAssignments--;
      if (node.numberOfAssignments === 0) node.cells = [id];
      const table = node.memoryMap[type]!;
      const returned = Math.min(released, table.reserved);
      table.free += returned;
      table.reserved -= returned;
      released -= returned;
    }
  }
  return state;
}
