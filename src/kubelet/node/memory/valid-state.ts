/** Whether a state on disk is of this machine, with what is reserved now. Upstream: `validateState` of policy_static.go. */

import { maskOf } from '../../topology/numa-mask.ts';
import { type MemoryState, type NodeMemory, takeBlock } from './state.ts';

/** `free`: the machine of which nothing is taken. Returns the state to go on with; throws with upstream's words. */
export function checkedState(state: MemoryState, free: MemoryState): MemoryState {
  const entries = Object.entries(state.blocks).flatMap(([uid, containers]) =>
    Object.entries(containers).flatMap(([name, blocks]) => blocks.map((block) => ({ uid, name, block }))),
  );
  if (Object.keys(state.machine).length === 0) {
    if (entries.length === 0) return free;
    throw new Error('[memorymanager] machine state can not be empty when it has memory assignments');
  }
  const { machine } = structuredClone(free);
  for (const { uid, name, block } of entries) {
    const place = `[memorymanager] (pod: ${uid}, container: ${name}) the memory assignment uses`;
    const nodes = block.numaAffinity.map((id) => machine[id]);
    if (nodes.includes(undefined)) throw new Error(`${place} the NUMA that does not exist`);
    if (nodes.some((node) => !node?.memoryMap[block.type])) {
      throw new Error(`${place} memory resource that does not exist`);
    }
    takeBlock(machine, block.numaAffinity, block.type, block.size);
  }
  if (areEqual(state.machine, machine)) return state;
  throw new Error('[memorymanager] the expected machine state is different from the real one');
}

/** The order in which blocks were taken decides which node of several has how much: only their sums are compared. */
function areEqual(found: MemoryState['machine'], expected: MemoryState['machine']): boolean {
  const ids = Object.keys(expected).map(Number);
  if (ids.length !== Object.keys(found).length) return false;
  return ids.every((id) => {
    const [a, b] = [found[id], expected[id]];
    if (!a || !b || a.numberOfAssignments !== b.numberOfAssignments) return false;
    if (maskOf(a.cells) !== maskOf(b.cells)) return false;
    return Object.keys(b.memoryMap).every((type) => isSameResource(found, expected, b, type));
  });
}

function isSameResource(
  found: MemoryState['machine'],
  expected: MemoryState['machine'],
  { cells }: NodeMemory,
  type: string,
): boolean {
  const sums = [found, expected].map((machine) => {
    const tables = cells.map((id) => machine[id]?.memoryMap[type]);
    const sum = (what: 'total' | 'systemReserved' | 'allocatable' | 'reserved' | 'free') =>
      tables.reduce((all, table) => all + (table?.[what] ?? Number.NaN), 0);
    return [sum('total'), sum('systemReserved'), sum('allocatable'), sum('reserved'), sum('free')].join();
  });
  return sums[0] === sums[1];
}
