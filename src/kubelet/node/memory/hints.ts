/** On which NUMA nodes memory could be had. Upstream: `calculateHints` of policy_static.go. */

import type { Container } from '#api/generated/types.gen.ts';
import { startedContainers } from '#api/pods/containers.ts';
import type { NodePod } from '../../pod/pod.ts';
import { type Hint, preferLeast, type ResourceHints } from '../../topology/hint.ts';
import { countOf, maskOf, masksOf, type NumaMask, nodesOf } from '../../topology/numa-mask.ts';
import { type MemoryAmounts, memoryRequests, pinsMemory, podMemoryRequests } from './requests.ts';
import type { Block, MemoryState, NodeMemory } from './state.ts';

const none: ResourceHints = new Map();

export function containerHints(state: MemoryState, pod: NodePod, container: Container): ResourceHints {
  if (!pinsMemory(pod)) return none;
  const amounts = memoryRequests(container);
  const blocks = state.blocks[pod.metadata.uid]?.[container.name];
  return blocks ? hintsAgain(blocks, amounts) : memoryHints(state, pod, amounts);
}

export function podHints(state: MemoryState, pod: NodePod): ResourceHints {
  const amounts = podMemoryRequests(pod);
  if (!pinsMemory(pod) || amounts.size === 0) return none;
  const containers = state.blocks[pod.metadata.uid] ?? {};
  const assigned = startedContainers(pod.spec).find(({ name }) => containers[name]);
  if (assigned) return hintsAgain(containers[assigned.name] ?? [], amounts);
  return memoryHints(state, pod, amounts);
}

/** Of what the container was assigned before; none where that is not what it requests. */
function hintsAgain(blocks: readonly Block[], amounts: MemoryAmounts): ResourceHints {
  const isSame =
    blocks.length === amounts.size && blocks.every(({ type, size }) => amounts.get(type) === size);
  if (!isSame) return none;
  return new Map(
    blocks.map(({ type, numaAffinity }) => [type, [{ nodes: maskOf(numaAffinity), isPreferred: true }]]),
  );
}

/** Sets of nodes that have enough of all resources, and that no other set of nodes shares a node with. */
export function memoryHints(
  state: MemoryState,
  pod: NodePod,
  amounts: MemoryAmounts,
): ReadonlyMap<string, Hint[]> {
  const ids = Object.keys(state.machine).map(Number);
  let leastNodes = ids.length;
  const masks: NumaMask[] = [];
  for (const mask of masksOf(ids.sort((a, b) => a - b))) {
    const nodes = nodesOf(mask).map((id) => state.machine[id]!);
    const has = (wanted: (resource: string, amount: number) => boolean) =>
      [...amounts].every(([resource, amount]) => wanted(resource, amount));
    if (!has((resource, amount) => sumOf(nodes, resource, 'allocatable') >= amount)) continue;
    leastNodes = Math.min(leastNodes, countOf(mask));
    if (isOfOtherGroup(state, mask)) continue;
    const reusable = (resource: string) => reusableOf(state, pod, mask, resource);
    const free = (resource: string) => sumOf(nodes, resource, 'free') + reusable(resource);
    if (has((resource, amount) => free(resource) >= amount)) masks.push(mask);
  }
  if (masks.length === 0) return new Map();
  return new Map(Array.from(amounts.keys(), (resource) => [resource, preferLeast(masks, leastNodes)]));
}

function isOfOtherGroup({ machine }: MemoryState, mask: NumaMask): boolean {
  const ids = nodesOf(mask);
  const [first] = ids;
  if (ids.length === 1) return machine[first!]!.cells.length > 1;
  return violatesGroups(machine, mask);
}

/** Whether a node of several is taken alone, or together with other nodes than these. */
export function violatesGroups(machine: MemoryState['machine'], mask: NumaMask): boolean {
  const ids = nodesOf(mask);
  if (ids.length === 1) return false;
  const taken = ids.map((id) => machine[id]!).filter(({ numberOfAssignments }) => numberOfAssignments > 0);
  return taken.some(({ cells }) => cells.length === 1 || maskOf(cells) !== mask);
}

export function sumOf(nodes: readonly NodeMemory[], resource: string, what: 'free' | 'allocatable'): number {
  return nodes.reduce((sum, { memoryMap }) => sum + (memoryMap[resource]?.[what] ?? 0), 0);
}

/** What init containers of the pod have had of exactly these nodes. */
export function reusableOf(
  { reusable }: MemoryState,
  pod: NodePod,
  mask: NumaMask,
  resource: string,
): number {
  return reusable.podUid === pod.metadata.uid ? (reusable.byNodes.get(mask)?.get(resource) ?? 0) : 0;
}
