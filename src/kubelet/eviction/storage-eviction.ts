/** Every few seconds evicts the pods that use more of the node's storage than their limits allow. */

import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { ContainerUsage, Runtime } from '../runtime/runtime.ts';
import type { Failure } from '../worker/pod-worker.ts';
import { hasStorageLimit, type StorageUse, storageExcess } from './storage-limits.ts';

/** As often as upstream's eviction manager looks. */
const intervalMs = 10_000;
/** So that a pod with very many files delays the others little. */
const measuresAtOnce = 2;

export interface Evictable {
  readonly pod: NodePod;
  /** It runs and is not being ended. */
  readonly mayRun: boolean;
  fail(failure: Failure): void;
}

export class StorageEviction {
  private readonly env: Env;
  private readonly runtime: Runtime;
  private readonly measure: NonNullable<PodSetup['storageUse']>;
  private readonly pods: () => Evictable[];
  private timer: Timer | undefined;
  private stopped = false;

  constructor(
    env: Env,
    runtime: Runtime,
    measure: NonNullable<PodSetup['storageUse']>,
    pods: () => Evictable[],
  ) {
    this.env = env;
    this.runtime = runtime;
    this.measure = measure;
    this.pods = pods;
  }

  start(): void {
    if (!this.stopped) this.timer = this.env.clock.after(intervalMs, () => void this.look());
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private async look(): Promise<void> {
    try {
      const limited = this.pods().filter((one) => one.mayRun && hasStorageLimit(one.pod));
      const usage = limited.length > 0 ? await this.runtime.listUsage() : [];
      const queue = limited.values();
      await Promise.all(Array.from({ length: measuresAtOnce }, () => this.judgeEach(queue, usage)));
    } catch (error) {
      this.env.log.warn('the storage of pods could not be measured', { error: errorText(error) });
    }
    this.start();
  }

  private async judgeEach(queue: Iterable<Evictable>, usage: readonly ContainerUsage[]): Promise<void> {
    for (const one of queue) {
      if (this.stopped) return;
      try {
        const excess = storageExcess(one.pod, await this.useOf(one.pod, usage));
        if (excess !== undefined && one.mayRun)
          one.fail({ cause: 'Evicted', reason: 'Evicted', message: excess });
      } catch (error) {
        const problem = { pod: one.pod.metadata.name, error: errorText(error) };
        this.env.log.warn('the storage of a pod could not be measured', problem);
      }
    }
  }

  private async useOf(pod: NodePod, usage: readonly ContainerUsage[]): Promise<StorageUse> {
    const { emptyDirs, logs } = await this.measure(pod);
    const own = usage.filter((one) => one.podUid === pod.metadata.uid);
    const written = new Map(own.map((one) => [one.name, one.writtenBytes]));
    const names = new Set([...written.keys(), ...logs.keys()]);
    const containers = [...names].map((name): [string, number] => [
      name,
      (written.get(name) ?? 0) + (logs.get(name) ?? 0),
    ]);
    return { emptyDirs, containers: new Map(containers) };
  }
}
