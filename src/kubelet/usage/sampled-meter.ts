/**
 * A meter that measures when it is asked and not otherwise: a node whose stats are not asked for costs nothing.
 * Rates compare with what was measured for an earlier question, or with the start of a container; where there is
 * neither, the meter measures twice, a short window apart.
 */

import { type Clock, sleep } from '#base/clock.ts';
import type { NodePod } from '../pod/pod.ts';
import { type CpuPoint, cpuRate, windowMsMax, windowMsMin } from './cpu-rate.ts';
import type { GroupStats, NodeUsage, RunningContainer, UsageMeter } from './usage.ts';

/** One pass over a node. */
export interface Measured {
  readonly node: GroupStats;
  readonly containers: readonly (RunningContainer & {
    readonly startedAtMs: number;
    readonly usage: GroupStats;
  })[];
}

export interface UsageReader {
  measure(): Promise<Measured>;
  podStats(pod: NodePod): Promise<GroupStats | undefined>;
}

interface Sample {
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly measured: Measured;
  readonly cpuNanos: ReadonlyMap<string, number>;
}

/** Questions within this time get the same answer. */
const freshMs = 5000;
/** Of one window; the oldest are dropped first. */
const samplesMax = 24;
/** The key of the node beside the ids of containers. */
const nodeKey = '';

export class SampledMeter implements UsageMeter {
  readonly #clock: Clock;
  readonly #reader: UsageReader;
  /** In the order of time. */
  #samples: Sample[] = [];
  #measuring: Promise<Sample> | undefined;

  constructor(clock: Clock, reader: UsageReader) {
    this.#clock = clock;
    this.#reader = reader;
  }

  async stats(): Promise<NodeUsage> {
    return this.#use(await this.#fresh());
  }

  async rates(): Promise<NodeUsage> {
    const first = this.#use(await this.#fresh());
    if (first.node.rate) return first;
    await sleep(this.#clock, windowMsMin);
    return this.#use(await this.#measure());
  }

  podStats(pod: NodePod): Promise<GroupStats | undefined> {
    return this.#reader.podStats(pod);
  }

  async #fresh(): Promise<Sample> {
    const last = this.#samples.at(-1);
    if (last && this.#clock.monotonicMs() - last.monotonicMs < freshMs) return last;
    return this.#measure();
  }

  /** Those who ask at the same time share a pass. */
  #measure(): Promise<Sample> {
    this.#measuring ??= this.#take().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #take(): Promise<Sample> {
    const monotonicMs = this.#clock.monotonicMs();
    const wallMs = this.#clock.now();
    const measured = await this.#reader.measure();
    const cpuNanos = new Map(measured.containers.map(({ id, usage }) => [id, usage.cpuNanos]));
    cpuNanos.set(nodeKey, measured.node.cpuNanos);
    const sample = { monotonicMs, wallMs, measured, cpuNanos };
    this.#samples.push(sample);
    this.#samples = this.#samples
      .filter((kept) => monotonicMs - kept.monotonicMs <= windowMsMax)
      .slice(-samplesMax);
    return sample;
  }

  #use(sample: Sample): NodeUsage {
    const { node, containers } = sample.measured;
    return {
      atMs: sample.wallMs,
      node: { ...node, ...this.#rateOf(sample, nodeKey, []) },
      containers: containers.map((container) => {
        const start = { atMs: sample.monotonicMs - (sample.wallMs - container.startedAtMs), cpuNanos: 0 };
        return {
          ...container,
          usage: { ...container.usage, ...this.#rateOf(sample, container.id, [start]) },
        };
      }),
    };
  }

  #rateOf({ monotonicMs, cpuNanos }: Sample, key: string, start: readonly CpuPoint[]) {
    const measured = this.#samples
      .filter((earlier) => earlier.monotonicMs < monotonicMs && earlier.cpuNanos.has(key))
      .map((earlier) => ({ atMs: earlier.monotonicMs, cpuNanos: earlier.cpuNanos.get(key) ?? 0 }));
    const rate = cpuRate({ atMs: monotonicMs, cpuNanos: cpuNanos.get(key) ?? 0 }, [...start, ...measured]);
    return rate ? { rate } : {};
  }
}
