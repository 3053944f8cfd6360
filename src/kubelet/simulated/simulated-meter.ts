/**
 * What the containers of a simulated node use: as the annotations of their pods say, at the time of the question. A
 * test changes the load of a pod that runs by changing its annotations.
 */

import type { Clock } from '#base/clock.ts';
import { windowMsMin, windowMsWanted } from '../usage/cpu-rate.ts';
import type {
  GroupStats,
  MeasuredContainer,
  NodeUsage,
  RunningContainer,
  Usage,
  UsageMeter,
} from '../usage/usage.ts';
import { type Script, scriptFor } from './script.ts';
import type { SimulatedRuntime } from './simulated-runtime.ts';

interface Counter {
  readonly atMs: number;
  readonly cpuNanos: number;
}

/** A millisecond of a billionth of a core, in nanoseconds of CPU time. */
const perMs = 1e-3;

export class SimulatedMeter implements UsageMeter {
  readonly #clock: Clock;
  readonly #runtime: Pick<SimulatedRuntime, 'startedAtMs'>;
  readonly #containers: () => readonly RunningContainer[];
  /** By container: CPU time never shrinks, whatever the annotations become. */
  #counters = new Map<string, Counter>();

  constructor(
    clock: Clock,
    runtime: Pick<SimulatedRuntime, 'startedAtMs'>,
    containers: () => readonly RunningContainer[],
  ) {
    this.#clock = clock;
    this.#runtime = runtime;
    this.#containers = containers;
  }

  stats(): Promise<NodeUsage> {
    return this.rates();
  }

  async rates(): Promise<NodeUsage> {
    const nowMs = this.#clock.now();
    const counters = new Map<string, Counter>();
    const containers = this.#containers().flatMap((container): MeasuredContainer[] => {
      const startedAtMs = this.#runtime.startedAtMs(container.id);
      if (startedAtMs === undefined) return [];
      const script = scriptOf(container);
      if (!script) return [];
      const before = this.#counters.get(container.id) ?? { atMs: startedAtMs, cpuNanos: 0 };
      const cpuNanos = before.cpuNanos + (nowMs - before.atMs) * script.nanoCores * perMs;
      counters.set(container.id, { atMs: nowMs, cpuNanos });
      const windowMs = Math.min(nowMs - startedAtMs, windowMsWanted);
      const rate = windowMs >= windowMsMin ? { rate: { nanoCores: script.nanoCores, windowMs } } : {};
      return [{ ...container, startedAtMs, usage: { ...statsOf(cpuNanos, script.memoryBytes), ...rate } }];
    });
    this.#counters = counters;
    return { atMs: nowMs, node: sumOf(containers), containers };
  }

  async podStats({ metadata }: RunningContainer['pod']): Promise<GroupStats> {
    const { containers } = await this.rates();
    return sumOf(containers.filter(({ pod }) => pod.metadata.uid === metadata.uid));
  }
}

/** Undefined for annotations that are no quantities: the container has no stats until they are. */
function scriptOf({ pod, name }: RunningContainer): Script | undefined {
  try {
    return scriptFor('', name, pod.metadata.annotations ?? {});
  } catch {
    return undefined;
  }
}

function sumOf(containers: readonly MeasuredContainer[]): Usage {
  const sum = (stat: (usage: Usage) => number) =>
    containers.reduce((total, { usage }) => total + stat(usage), 0);
  const nanoCores = sum(({ rate }) => rate?.nanoCores ?? 0);
  return {
    ...statsOf(
      sum(({ cpuNanos }) => cpuNanos),
      sum(({ memoryBytes }) => memoryBytes),
    ),
    rate: { nanoCores, windowMs: windowMsWanted },
  };
}

/** Nothing is cached, swapped or loaded on demand. */
function statsOf(cpuNanos: number, memoryBytes: number): GroupStats {
  return {
    cpuNanos,
    memoryBytes,
    workingSetBytes: memoryBytes,
    rssBytes: memoryBytes,
    swapBytes: 0,
    pageFaults: 0,
    majorPageFaults: 0,
  };
}
