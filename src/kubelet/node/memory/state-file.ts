/**
 * `memory_manager_state`: whose the memory of each NUMA node is, in upstream's format. Upstream:
 * pkg/kubelet/cm/memorymanager/state.
 *
 *   {"policyName":"Static","machineState":{"0":{"numberOfAssignments":0,"memoryMap":{"memory":{"total":100,
 *   "systemReserved":10,"allocatable":90,"reserved":0,"free":90}},"cells":[0]}},"checksum":2871427593}
 */

import type { MemorySettings } from '#api/configuration/kubelet/memory.ts';
import { fnv1a } from '#base/text/fnv1a.ts';
import { type MemoryState, type MemoryTable, stateOf } from './state.ts';

type Policy = MemorySettings['policy'];
type Entries = MemoryState['blocks'];

export function stateText(
  policyName: Policy,
  { machine: machineState, blocks: entries }: MemoryState,
): string {
  return JSON.stringify({
    policyName,
    machineState,
    ...(Object.keys(entries).length > 0 ? { entries } : {}),
    checksum: checksum(policyName, machineState, entries),
  });
}

/** Throws, with upstream's words, when the text is of another policy, changed, or no state. */
export function parseState(policy: Policy, text: string): MemoryState {
  const { policyName, machineState, entries = {}, checksum: sum = 0 } = JSON.parse(text) ?? {};
  const isWhole = typeof policyName === 'string' && isState(machineState, entries);
  if (!isWhole || (sum !== 0 && sum !== checksum(policyName, machineState, entries))) {
    throw new Error('checkpoint is corrupted');
  }
  if (policyName === policy) return stateOf(machineState, entries);
  throw new Error(
    `[memorymanager] configured policy ${JSON.stringify(policy)} differs from state checkpoint policy ${JSON.stringify(policyName)}`,
  );
}

function isState(machine: unknown, entries: unknown): machine is MemoryState['machine'] {
  return (
    isMap(machine) &&
    Object.values(machine).every(
      (node) => isMap(node) && isMap(node['memoryMap']) && Array.isArray(node['cells']),
    ) &&
    isMap(entries) &&
    Object.values(entries).every(
      (containers) => isMap(containers) && Object.values(containers).every((blocks) => Array.isArray(blocks)),
    )
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of Go's description of upstream's structure, with its types: what upstream's kubelet writes. */
function checksum(policy: string, machine: MemoryState['machine'], entries: Entries): number {
  const nodes = Object.entries(machine).map(([id, { numberOfAssignments, memoryMap, cells }]) => {
    const tables = goMap('map[v1.ResourceName]*state.MemoryTable', memoryMap, describedTable);
    return `${id}:<*>{NumberOfAssignments:(int)${numberOfAssignments} MemoryMap:${tables} Cells:([]int)[${cells.join(' ')}]}`;
  });
  const blocksText = (blocks: Entries[string][string]) => `[${blocks.map(describedBlock).join(' ')}]`;
  const pods = goMap('state.ContainerMemoryAssignments', entries, (containers) =>
    goMap('', containers, blocksText),
  );
  return fnv1a(
    `(*state.MemoryManagerCheckpoint){PolicyName:(string)${policy} ` +
      `MachineState:(state.NUMANodeMap)map[${nodes.join(' ')}] Entries:${pods} Checksum:(checksum.Checksum)0}`,
  );
}

function goMap<T>(type: string, map: Readonly<Record<string, T>>, described: (value: T) => string): string {
  const pairs = Object.keys(map)
    .sort()
    .map((key) => `${key}:${described(map[key] as T)}`);
  return `${type && `(${type})`}map[${pairs.join(' ')}]`;
}

function describedTable({ total, systemReserved, allocatable, reserved, free }: MemoryTable): string {
  return (
    `<*>{TotalMemSize:(uint64)${total} SystemReserved:(uint64)${systemReserved} ` +
    `Allocatable:(uint64)${allocatable} Reserved:(uint64)${reserved} Free:(uint64)${free}}`
  );
}

function describedBlock({ numaAffinity, type, size }: Entries[string][string][number]): string {
  return `{NUMAAffinity:([]int)[${numaAffinity.join(' ')}] Type:(v1.ResourceName)${type} Size:(uint64)${size}}`;
}
