/** Every few seconds evicts the pods that use more of the node's storage than their limits allow. */

import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { ContainerUsage, Runtime } from '../runtime/runtime.ts';
import type { Evictable } from './evictable.ts';
import type { EvictionMetrics } from './eviction-metrics.ts';
import { hasStorageLimit, type StorageUse, storageExcess } from './storage-limits.ts';

/** As often as upstream's eviction manager looks. */
const intervalMs = 10_000;
/** So that a pod with very many files delays the others little. */
const measuresAtOnce = 2;

export class StorageEviction {
  readonly #env: Env;
  readonly #runtime: Runtime;
  readonly #measure: NonNullable<PodSetup['storageUse']>;
  readonly #pods: () => readonly Evictable[];
  readonly #rounds: Repeater;
  readonly #metrics: EvictionMetrics;

  constructor(
    env: Env,
    runtime: Runtime,
    measure: NonNullable<PodSetup['storageUse']>,
    pods: () => readonly Evictable[],
    metrics: EvictionMetrics,
  ) {
    this.#metrics = metrics;
    this.#env = env;
    this.#runtime = runtime;
    this.#measure = measure;
    this.#pods = pods;
    this.#rounds = new Repeater(env.clock, intervalMs, () => this.#judgeAll());
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    this.#rounds.stop();
  }

  async #judgeAll(): Promise<void> {
    try {
      const limited = this.#pods().filter((each) => each.mayRun && hasStorageLimit(each.pod));
      const usage = limited.length > 0 ? await this.#runtime.listUsage() : [];
      const queue = limited.values();
      await Promise.all(Array.from({ length: measuresAtOnce }, () => this.#judgeEach(queue, usage)));
    } catch (error) {
      this.#env.log.warn('the storage of pods could not be measured', { error: errorText(error) });
    }
  }

  async #judgeEach(queue: Iterable<Evictable>, usage: readonly ContainerUsage[]): Promise<void> {
    for (const evictable of queue) {
      if (this.#rounds.isStopped) return;
      try {
        const excess = storageExcess(evictable.pod, await this.#useOf(evictable.pod, usage));
        if (excess !== undefined && evictable.mayRun) {
          const { message, signal } = excess;
          evictable.fail({ cause: 'Evicted', reason: 'Evicted', message, graceSeconds: 1 });
          this.#metrics.evicted(signal);
        }
      } catch (error) {
        const problem = { pod: evictable.pod.metadata.name, error: errorText(error) };
        this.#env.log.warn('the storage of a pod could not be measured', problem);
      }
    }
  }

  async #useOf(pod: NodePod, usage: readonly ContainerUsage[]): Promise<StorageUse> {
    const { emptyDirs, logs } = await this.#measure(pod);
    const bytes = new Map([...emptyDirs].map(([name, use]) => [name, use.bytes]));
    const own = usage.filter((container) => container.podUid === pod.metadata.uid);
    const written = new Map(own.map((container) => [container.name, container.writtenBytes]));
    const names = new Set([...written.keys(), ...logs.keys()]);
    const containers = [...names].map((name): [string, number] => [
      name,
      (written.get(name) ?? 0) + (logs.get(name)?.bytes ?? 0),
    ]);
    return { emptyDirs: bytes, containers: new Map(containers) };
  }
}
