/**
 * Who gets memory of which NUMA nodes under the policy `Static`. Pure: a state in, a state out. Follows upstream's
 * policy_static.go:
 *
 *   - a container of a Guaranteed pod has its memory and huge pages of the fewest nodes that have them, from before the
 *     pod starts until it ends
 *   - nodes that meet a request together meet all other requests together, too
 *   - memory of an init container that ends is used again by the later containers of its pod
 */

import type { Container } from '#api/generated/types.gen.ts';
import { isSidecar, startedContainers } from '#api/pods/containers.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { Hint } from '../../topology/hint.ts';
import { isNarrower, maskOf, type NumaMask, nodesOf } from '../../topology/numa-mask.ts';
import { memoryHints, reusableOf, sumOf, violatesGroups } from './hints.ts';
import { type MemoryAmounts, memoryRequests, pinsMemory } from './requests.ts';
import { type Block, type MemoryState, type NodeMemory, stateOf, takeBlock } from './state.ts';

/** Bytes by resource, by NUMA node. */
export type MemoryByNode = ReadonlyMap<number, Readonly<Record<string, number>>>;

/** A machine of which nothing is taken. */
export function freeState(total: MemoryByNode, reserved: MemoryByNode): MemoryState {
  const machine = Array.from(total, ([id, amounts]) => {
    const pages = Object.entries(amounts).filter(([name]) => name !== 'memory');
    const ofPages = pages.reduce((sum, [, bytes]) => sum + bytes, 0);
    const tables = Object.entries(amounts).map(([name, bytes]) => {
      const systemReserved = reserved.get(id)?.[name] ?? 0;
      const allocatable = bytes - systemReserved - (name === 'memory' ? ofPages : 0);
      return [name, { total: bytes, systemReserved, allocatable, reserved: 0, free: allocatable }] as const;
    });
    const node: NodeMemory = { numberOfAssignments: 0, memoryMap: Object.fromEntries(tables), cells: [id] };
    return [id, node] as const;
  });
  return stateOf(Object.fromEntries(machine));
}

/**
 * Assigns the container what it has not got yet, on the nodes of the topology manager's hint if they last. Throws what
 * keeps it from that, with upstream's words.
 */
export function assignContainer(
  before: MemoryState,
  pod: NodePod,
  container: Container,
  hint: Hint = { nodes: undefined, isPreferred: false },
): MemoryState {
  if (!pinsMemory(pod)) return before;
  const state = structuredClone(before);
  const { uid } = pod.metadata;
  const own = state.blocks[uid]?.[container.name];
  if (own) {
    updateReusable(state, pod, container, own);
    return state;
  }
  const amounts = memoryRequests(container);
  const mask = nodesFor(state, pod, amounts, hint);
  const numaAffinity = nodesOf(mask);
  const blocks = Array.from(amounts, ([type, size]): Block => ({ numaAffinity, type, size }));
  for (const { type, size } of blocks) {
    const left = Math.max(0, size - reusableOf(state, pod, mask, type));
    takeBlock(state.machine, numaAffinity, type, left);
  }
  updateReusable(state, pod, container, blocks);
  state.blocks[uid] = { ...state.blocks[uid], [container.name]: blocks };
  shrinkInits(state, pod, container, blocks);
  return state;
}

function nodesFor(state: MemoryState, pod: NodePod, amounts: MemoryAmounts, hint: Hint): NumaMask {
  let best = hint;
  if (best.nodes === undefined) {
    const hints = memoryHints(state, pod, amounts);
    if (hints.size === 0) {
      throw new Error(
        '[memorymanager] failed to get the default NUMA affinity, no NUMA nodes with enough memory is available',
      );
    }
    best = bestOf(hints.get('memory') ?? []);
    if (!best.isPreferred && hint.isPreferred) {
      throw new Error('[memorymanager] failed to find the default preferred hint');
    }
  }
  if (!hasEnough(state, best.nodes ?? 0n, amounts)) {
    const wanted = best;
    const hints = memoryHints(state, pod, amounts).get('memory') ?? [];
    const wider = hints.filter(({ nodes = 0n }) => ((wanted.nodes ?? 0n) & nodes) === wanted.nodes);
    if (wider.length === 0) {
      throw new Error('[memorymanager] failed to find NUMA nodes to extend the current topology hint');
    }
    best = bestOf(wider);
    if (!best.isPreferred && wanted.isPreferred) {
      throw new Error('[memorymanager] failed to find the extended preferred hint');
    }
  }
  const mask = best.nodes ?? 0n;
  if (violatesGroups(state.machine, mask)) {
    throw new Error('[memorymanager] preferred hint violates NUMA node allocation');
  }
  return mask;
}

function hasEnough({ machine }: MemoryState, mask: NumaMask, amounts: MemoryAmounts): boolean {
  const nodes = nodesOf(mask).map((id) => machine[id]!);
  return [...amounts].every(([resource, amount]) => sumOf(nodes, resource, 'free') >= amount);
}

/** The preferred one of the fewest nodes. */
function bestOf(hints: readonly Hint[]): Hint {
  const none: Hint = { nodes: undefined, isPreferred: false };
  return hints.reduce((best, hint) => {
    if (best.nodes === undefined || (hint.isPreferred && !best.isPreferred)) return hint;
    const isNarrow = isNarrower(hint.nodes ?? 0n, best.nodes);
    return hint.isPreferred === best.isPreferred && isNarrow ? hint : best;
  }, none);
}

/** An init container that ends leaves what it has; any other container takes it. */
function updateReusable(
  state: MemoryState,
  pod: NodePod,
  container: Container,
  blocks: readonly Block[],
): void {
  const { reusable } = state;
  const { uid } = pod.metadata;
  if (reusable.podUid !== uid) {
    reusable.podUid = uid;
    reusable.byNodes.clear();
  }
  for (const { numaAffinity, type, size } of blocks) {
    const mask = maskOf(numaAffinity);
    const amounts = reusable.byNodes.get(mask) ?? new Map<string, number>();
    const left = amounts.get(type) ?? 0;
    amounts.set(type, isEndingInit(pod, container.name) ? Math.max(left, size) : Math.max(0, left - size));
    reusable.byNodes.set(mask, amounts);
  }
}

function isEndingInit({ spec }: NodePod, name: string): boolean {
  const init = spec.initContainers?.find((container) => container.name === name);
  return init !== undefined && !isSidecar(init);
}

/** What a container uses again counts for it, and no more for the init containers before it. */
function shrinkInits(state: MemoryState, pod: NodePod, container: Container, blocks: readonly Block[]): void {
  const containers = state.blocks[pod.metadata.uid] ?? {};
  for (const block of blocks) {
    let left = block.size;
    for (const { name } of startedContainers(pod.spec)) {
      if (name === container.name) break;
      if (!isEndingInit(pod, name)) continue;
      for (const init of containers[name] ?? []) {
        if (init.type !== block.type || maskOf(init.numaAffinity) !== maskOf(block.numaAffinity)) continue;
        const taken = Math.min(left, init.size);
        init.size -= taken;
        left -= taken;
      }
    }
  }
}
