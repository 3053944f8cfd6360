/**
 * `cpu_manager_state`: which processors are whose, in upstream's format. Upstream: pkg/kubelet/cm/cpumanager/state.
 *
 *   {"policyName":"static","defaultCpuSet":"0","entries":{"<pod uid>":{"main":"1"}},"checksum":2655485041}
 */

import type { CpuPolicy } from '#api/configuration/kubelet/cpus.ts';
import { cpuListText, parseCpuList } from '#base/text/cpu-list.ts';
import { errorText } from '#base/text/error-text.ts';
import { fnv1a } from '#base/text/fnv1a.ts';
import type { CpuState } from './state.ts';

interface Checkpoint {
  readonly policyName: string;
  readonly defaultCpuSet: string;
  readonly entries: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function stateText(policy: CpuPolicy, { shared, exclusive }: CpuState): string {
  const entries = sortedRecord(exclusive, (containers) => sortedRecord(containers, cpuListText));
  const checkpoint = { policyName: policy, defaultCpuSet: cpuListText(shared), entries };
  const { policyName, defaultCpuSet } = checkpoint;
  return JSON.stringify({
    policyName,
    defaultCpuSet,
    ...(exclusive.size > 0 ? { entries } : {}),
    checksum: checksum(checkpoint, 'CPUManagerCheckpoint'),
  });
}

/** In the order in which Go writes a map. */
function sortedRecord<From, To>(
  map: ReadonlyMap<string, From>,
  written: (value: From) => To,
): Record<string, To> {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, written(value)]));
}

/** Throws, with upstream's words, when the text is of another policy, changed, or no state. */
export function parseState(policy: CpuPolicy, text: string): CpuState {
  const { checkpoint, sum } = checkpointOf(text);
  const names = ['CPUManagerCheckpoint', 'CPUManagerCheckpointV2'];
  if (sum !== 0 && !names.some((name) => checksum(checkpoint, name) === sum)) {
    throw new Error('checkpoint is corrupted');
  }
  const { policyName, defaultCpuSet } = checkpoint;
  if (policyName !== policy) {
    throw new Error(
      `configured policy ${JSON.stringify(policy)} differs from state checkpoint policy ${JSON.stringify(policyName)}`,
    );
  }
  const shared = listOf(defaultCpuSet, `default cpu set ${JSON.stringify(defaultCpuSet)}`);
  const exclusive = Object.entries(checkpoint.entries).map(([podUid, containers]) => {
    const lists = Object.entries(containers).map(([name, list]) => {
      const place = `for container ${JSON.stringify(name)} in pod ${JSON.stringify(podUid)}`;
      return [name, listOf(list, `cpuset ${JSON.stringify(list)} ${place}`)] as const;
    });
    return [podUid, new Map(lists)] as const;
  });
  return { shared, exclusive: new Map(exclusive) };
}

function listOf(text: string, what: string): ReadonlySet<number> {
  try {
    return parseCpuList(text);
  } catch (error) {
    throw new Error(`could not parse ${what}: ${errorText(error)}`);
  }
}

function checkpointOf(text: string): { checkpoint: Checkpoint; sum: number } {
  const value: unknown = JSON.parse(text);
  if (!isMap(value)) throw new Error('checkpoint is corrupted');
  const { policyName = '', defaultCpuSet = '', entries = {}, checksum: sum = 0 } = value;
  const isWhole =
    typeof policyName === 'string' &&
    typeof defaultCpuSet === 'string' &&
    typeof sum === 'number' &&
    isMap(entries) &&
    Object.values(entries).every(
      (containers) =>
        isMap(containers) && Object.values(containers).every((list) => typeof list === 'string'),
    );
  if (!isWhole) throw new Error('checkpoint is corrupted');
  return { checkpoint: { policyName, defaultCpuSet, entries: entries as Checkpoint['entries'] }, sum };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** FNV-1a, 32 bits, of Go's description of upstream's structure, with its types: what upstream's kubelet writes. */
function checksum({ policyName, defaultCpuSet, entries }: Checkpoint, typeName: string): number {
  const pods = Object.entries(entries).map(([uid, containers]) => {
    const lists = Object.entries(containers).map(([name, cpus]) => `${name}:${cpus}`);
    return `${uid}:map[${lists.sort().join(' ')}]`;
  });
  const described =
    `(*state.${typeName}){PolicyName:(string)${policyName} DefaultCPUSet:(string)${defaultCpuSet} ` +
    `Entries:(map[string]map[string]string)map[${pods.sort().join(' ')}] Checksum:(checksum.Checksum)0}`;
  return fnv1a(described);
}
