/**
 * Shares the processors of a real node among its containers, by `cpuManagerPolicy`. Upstream: pkg/kubelet/cm/cpumanager.
 *
 *   1. a pod is assigned the processors of its containers when it is admitted; they are on disk before one is made
 *   2. containers are made with the processors that they may use
 *   3. every 10 seconds the processors of pods that have ended come back, and running containers whose processors have
 *      changed are updated: the shared pool shrinks and grows
 */

import type { CpuPolicy, CpuSettings } from '#api/configuration/kubelet/cpus.ts';
import type { Container } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { Repeater } from '#base/repeater.ts';
import { type CpuSet, cpuListText } from '#base/text/cpu-list.ts';
import { errorText } from '#base/text/error-text.ts';
import type { CpuPlace } from '#host/kernel/cpus/places.ts';
import type { ContainerCpus, CpuSource } from '../../decide/resources.ts';
import { StateFile, StateFileError } from '../../paths/state-file.ts';
import { ActivePods, type PodsOfNode } from '../../pod/active-pods.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ContainerSummary, Runtime } from '../../runtime/runtime.ts';
import type { HintProvider, ResourceHints } from '../../topology/hint.ts';
import type { NumaMask } from '../../topology/numa-mask.ts';
import { containerHints, podHints } from './hints.ts';
import { CpuMetrics } from './metrics.ts';
import { type CpuState, emptyState, exclusiveOf, release } from './state.ts';
import { parseState, stateText } from './state-file.ts';
import {
  assignContainer,
  exclusiveCount,
  initialState,
  type StaticPolicy,
  staticPolicy,
} from './static-policy.ts';
import { CpuTopology } from './topology.ts';

export interface CpuManagerParts {
  readonly env: Env;
  readonly runtime: Pick<Runtime, 'listContainers' | 'updateContainerResources'>;
  readonly settings: CpuSettings;
  /** The state file lies in it. */
  readonly dir: string;
  places(): Promise<readonly CpuPlace[]>;
}

/**
 * Undefined where all containers use all processors. Rejects, with upstream's words, when the state of an earlier
 * kubelet is of another policy or of another machine.
 */
export async function openCpuManager(parts: CpuManagerParts): Promise<CpuManager | undefined> {
  const { env, settings, dir } = parts;
  const file = new StateFile(env.log, `${dir}/cpu_manager_state`);
  try {
    const text = await file.read();
    const state = text === '' ? emptyState : restored(settings.policy, file.path, text);
    if (settings.policy === 'none') {
      if (text === '') file.save(() => stateText('none', state));
      await file.saved();
      return undefined;
    }
    const policy = staticPolicy(settings, new CpuTopology(await parts.places()));
    return new CpuManager(parts, file, policy, initialState(policy, state));
  } catch (error) {
    const message = `start cpu manager error: ${errorText(error)}`;
    throw error instanceof StateFileError ? new StateFileError(message) : new Error(message);
  }
}

function restored(policy: CpuPolicy, path: string, text: string): CpuState {
  try {
    return parseState(policy, text);
  } catch (error) {
    throw new StateFileError(
      `could not restore state from checkpoint: ${errorText(error)}, please drain this node and delete the CPU ` +
        `manager checkpoint file ${JSON.stringify(path)} before restarting Kubelet`,
    );
  }
}

export class CpuManager implements CpuSource, HintProvider {
  readonly #parts: CpuManagerParts;
  readonly #policy: StaticPolicy;
  readonly #rounds: Repeater;
  readonly #metrics: CpuMetrics;
  readonly #file: StateFile;
  readonly #pods = new ActivePods();
  #state: CpuState;
  /** By id of a running container, the processors that it was last given. */
  readonly #given = new Map<string, string>();

  constructor(parts: CpuManagerParts, file: StateFile, policy: StaticPolicy, state: CpuState) {
    this.#parts = parts;
    this.#file = file;
    this.#policy = policy;
    this.#state = state;
    this.#save();
    this.#metrics = new CpuMetrics(policy, () => this.#state);
    this.#rounds = new Repeater(parts.env.clock, parts.settings.reconcileMs, () => this.#reconcile());
  }

  get metrics(): readonly Metric[] {
    return this.#metrics.metrics;
  }

  start(pods: PodsOfNode): void {
    this.#pods.follow(pods);
    this.#rounds.start(0);
  }

  stop(): void {
    this.#rounds.stop();
  }

  /** Assigns the container its processors, near to `affinity`. Throws what keeps it from that, with upstream's words. */
  assign(pod: NodePod, container: Container, affinity: NumaMask | undefined): void {
    this.#releaseEnded();
    if (exclusiveCount(pod, container) > 0) this.#metrics.requests.value++;
    try {
      this.#set(assignContainer(this.#policy, this.#state, pod, container, affinity));
    } catch (error) {
      this.#metrics.errors.value++;
      throw error;
    }
  }

  hints(pod: NodePod, container: Container): ResourceHints {
    this.#releaseEnded();
    return containerHints(this.#policy, this.#state, pod, container);
  }

  podHints(pod: NodePod): ResourceHints {
    this.#releaseEnded();
    return podHints(this.#policy, this.#state, pod);
  }

  /** What a container may use. */
  of(podUid: string, container: string): ContainerCpus {
    const own = exclusiveOf(this.#state, podUid, container);
    return { list: cpuListText(own ?? this.#state.shared), areExclusive: own !== undefined };
  }

  /** Empty for a container that shares all of its processors. */
  exclusive(podUid: string, container: string): CpuSet {
    return exclusiveOf(this.#state, podUid, container) ?? new Set();
  }

  /** All that are not reserved. */
  get allocatable(): CpuSet {
    return this.#policy.topology.cpus.difference(this.#policy.reserved);
  }

  hasExclusive(podUid: string): boolean {
    return this.#state.exclusive.has(podUid);
  }

  /** Resolves when all that has been assigned is on disk, or could not be written: then it is tried again. */
  async saved(): Promise<void> {
    await this.#file.saved().catch(() => undefined);
  }

  #set(state: CpuState): void {
    this.#state = state;
    this.#save();
  }

  #save(): void {
    this.#file.save(() => stateText('static', this.#state));
  }

  #releaseEnded(): void {
    let state = this.#state;
    for (const podUid of this.#pods.endedOf(state.exclusive.keys())) {
      for (const name of state.exclusive.get(podUid)?.keys() ?? []) state = release(state, podUid, name);
    }
    if (state !== this.#state) this.#set(state);
  }

  async #reconcile(): Promise<void> {
    const { runtime, env } = this.#parts;
    this.#releaseEnded();
    void this.saved();
    try {
      const active = this.#pods.uids();
      const running = (await runtime.listContainers()).filter(({ state }) => state === 'running');
      const ids = new Set(running.map(({ id }) => id));
      for (const id of this.#given.keys()) if (!ids.has(id)) this.#given.delete(id);
      for (const container of running) if (active.has(container.podUid)) await this.#update(container);
    } catch (error) {
      env.log.warn('containers could not be listed for their processors', { error: String(error) });
    }
  }

  /** A container that cannot be updated, as one that has just ended, keeps no other from its turn. */
  async #update({ id, podUid, name }: ContainerSummary): Promise<void> {
    const { runtime, env } = this.#parts;
    const { list } = this.of(podUid, name);
    // Without reserved processors in it the shared pool may be empty: a container cannot run on none.
    if (list === '' || this.#given.get(id) === list) return;
    try {
      await runtime.updateContainerResources(id, { cpusetCpus: list });
      this.#given.set(id, list);
    } catch (error) {
      env.log.warn('a container was not given its processors', { container: name, error: String(error) });
    }
  }
}
