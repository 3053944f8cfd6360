/**
 * Shares the memory of the machine's NUMA nodes among containers, by `memoryManagerPolicy`. Upstream:
 * pkg/kubelet/cm/memorymanager.
 *
 *   1. a container is assigned its memory when its pod is admitted; it is on disk before the container is made
 *   2. the container may use the memory of its nodes alone (`cpuset.mems`)
 *   3. memory of pods that have ended is free again when the next container is assigned some
 */

import type { MemorySettings } from '#api/configuration/kubelet/memory.ts';
import type { Container } from '#api/generated/types.gen.ts';
import { Quantity } from '#api/values/quantity.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { PlainCounter } from '#base/metrics/plain-counter.ts';
import { cpuListText } from '#base/text/cpu-list.ts';
import { errorText } from '#base/text/error-text.ts';
import { StateFile, StateFileError } from '../../paths/state-file.ts';
import { ActivePods, type PodsOfNode } from '../../pod/active-pods.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { Hint, HintProvider, ResourceHints } from '../../topology/hint.ts';
import { containerHints, podHints } from './hints.ts';
import { pinsMemory } from './requests.ts';
import { type Block, type MemoryState, releaseContainer, stateOf } from './state.ts';
import { parseState, stateText } from './state-file.ts';
import { assignContainer, freeState, type MemoryByNode } from './static-policy.ts';
import { checkedState } from './valid-state.ts';

export interface MemoryManagerParts {
  readonly env: Env;
  readonly settings: MemorySettings;
  /** The state file lies in it. */
  readonly dir: string;
  /** In bytes, what the node keeps from its pods: reserved, and left free by hard eviction thresholds. */
  readonly keptBytes: number;
  total(): Promise<MemoryByNode>;
}

/**
 * Undefined where containers use the memory of all nodes. Rejects, with upstream's words, when the state of an earlier
 * kubelet is of another policy or of another machine, or what is reserved does not fit the machine.
 */
export async function openMemoryManager(parts: MemoryManagerParts): Promise<MemoryManager | undefined> {
  const { env, settings, dir } = parts;
  const { policy } = settings;
  const file = new StateFile(env.log, `${dir}/memory_manager_state`);
  try {
    const text = await file.read();
    if (policy === 'None') {
      if (text === '') file.save(() => stateText('None', stateOf({})));
      else restored(policy, file.path, text);
      await file.saved();
      return undefined;
    }
    const total = await parts.total();
    const free = freeState(total, reservedBytes(settings, total, parts.keptBytes));
    const state = text === '' ? free : checkedState(restored(policy, file.path, text), free);
    return new MemoryManager(file, state);
  } catch (error) {
    const message = `start memory manager error: ${errorText(error)}`;
    throw error instanceof StateFileError ? new StateFileError(message) : new Error(message);
  }
}

function restored(policy: MemorySettings['policy'], path: string, text: string): MemoryState {
  try {
    return parseState(policy, text);
  } catch (error) {
    throw new StateFileError(
      `could not restore state from checkpoint: ${errorText(error)}, please drain this node and delete the memory ` +
        `manager checkpoint file ${JSON.stringify(path)} before restarting Kubelet`,
    );
  }
}

function reservedBytes({ reserved }: MemorySettings, total: MemoryByNode, keptBytes: number): MemoryByNode {
  const bytes = new Map<number, Record<string, number>>();
  const sums = new Map<string, number>([['memory', 0]]);
  for (const { numaNode, limits } of reserved) {
    if (!total.has(numaNode)) {
      throw new Error(
        `the reserved memory configuration references a NUMA node ${numaNode} that does not exist on this machine`,
      );
    }
    const ofNode = bytes.get(numaNode) ?? {};
    bytes.set(numaNode, ofNode);
    for (const [name, quantity] of limits) {
      ofNode[name] = quantity.value();
      sums.set(name, (sums.get(name) ?? 0) + quantity.value());
    }
  }
  for (const [name, sum] of sums) {
    const kept = name === 'memory' ? keptBytes : 0;
    if (sum === kept) continue;
    const [sumText, keptText] = [sum, kept].map((n) =>
      JSON.stringify(String(new Quantity(BigInt(n), 0, 'BinarySI'))),
    );
    throw new Error(
      `the total amount ${sumText} of type ${JSON.stringify(name)} is not equal to the value ${keptText} ` +
        'determined by Node Allocatable feature',
    );
  }
  return bytes;
}

export class MemoryManager implements HintProvider {
  readonly #requests = new PlainCounter(
    'kubelet_memory_manager_pinning_requests_total',
    'Containers that were to have memory of NUMA nodes for themselves.',
  );
  readonly #errors = new PlainCounter(
    'kubelet_memory_manager_pinning_errors_total',
    'Containers that could not have memory of NUMA nodes for themselves.',
  );
  readonly #file: StateFile;
  readonly #pods = new ActivePods();
  #state: MemoryState;

  constructor(file: StateFile, state: MemoryState) {
    this.#file = file;
    this.#state = state;
    this.#save();
  }

  get metrics(): readonly Metric[] {
    return [this.#requests, this.#errors];
  }

  start(pods: PodsOfNode): void {
    this.#pods.follow(pods);
  }

  hints(pod: NodePod, container: Container): ResourceHints {
    this.#releaseEnded();
    return containerHints(this.#state, pod, container);
  }

  podHints(pod: NodePod): ResourceHints {
    this.#releaseEnded();
    return podHints(this.#state, pod);
  }

  /** Assigns the container its memory. Throws what keeps it from that, with upstream's words. */
  assign(pod: NodePod, container: Container, hint: Hint | undefined): void {
    this.#releaseEnded();
    if (pinsMemory(pod)) this.#requests.value++;
    try {
      this.#set(assignContainer(this.#state, pod, container, hint));
    } catch (error) {
      this.#errors.value++;
      throw error;
    }
  }

  /** The NUMA nodes that a container may use memory of, such as `0-1`; empty for all. */
  nodesOf(podUid: string, container: string): string {
    const nodes = this.blocks(podUid, container).flatMap(({ numaAffinity }) => numaAffinity);
    return cpuListText(new Set(nodes));
  }

  blocks(podUid: string, container: string): readonly Block[] {
    return this.#state.blocks[podUid]?.[container] ?? [];
  }

  /** What containers can have of each NUMA node. */
  allocatable(): Block[] {
    return Object.entries(this.#state.machine).flatMap(([id, { memoryMap }]) =>
      Object.entries(memoryMap)
        .filter(([, table]) => table.allocatable > 0)
        .map(([type, table]) => ({ numaAffinity: [Number(id)], type, size: table.allocatable })),
    );
  }

  /** Resolves when all that has been assigned is on disk, or could not be written: then it is tried again. */
  async saved(): Promise<void> {
    await this.#file.saved().catch(() => undefined);
  }

  #set(state: MemoryState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#save();
  }

  #save(): void {
    this.#file.save(() => stateText('Static', this.#state));
  }

  #releaseEnded(): void {
    let state = this.#state;
    for (const podUid of this.#pods.endedOf(Object.keys(state.blocks))) {
      for (const name of Object.keys(state.blocks[podUid] ?? {})) {
        state = releaseContainer(state, podUid, name);
      }
    }
    this.#set(state);
  }
}
