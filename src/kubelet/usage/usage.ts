/** What a node, its pods and their containers use, as they were measured at one moment. */

import type { NodePod } from '../pod/pod.ts';

/** CPU time and memory of a group of processes. */
export interface GroupStats {
  /** CPU time since the start. */
  readonly cpuNanos: number;
  /** All memory, page cache included. */
  readonly memoryBytes: number;
  /** Memory without the cache that can be reclaimed: what limits and evictions go by. */
  readonly workingSetBytes: number;
  readonly rssBytes: number;
  /** Undefined where swap is not counted. */
  readonly swapBytes: number | undefined;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
}

/** CPU use over a window that ended when the stats were measured. */
export interface CpuRate {
  /** Billionths of a core. */
  readonly nanoCores: number;
  readonly windowMs: number;
}

export interface Usage extends GroupStats {
  /** Absent while there is no earlier number to compare with. */
  readonly rate?: CpuRate;
}

export interface RunningContainer {
  readonly pod: NodePod;
  readonly name: string;
  /** The id that the runtime gives the container. */
  readonly id: string;
  readonly image: string;
}

export interface MeasuredContainer extends RunningContainer {
  readonly startedAtMs: number;
  readonly usage: Usage;
}

export interface NodeUsage {
  /** Wall time of the measurement. */
  readonly atMs: number;
  readonly node: Usage;
  /** Of the containers that run; one that ended meanwhile is left out. */
  readonly containers: readonly MeasuredContainer[];
}

export interface UsageMeter {
  /** The newest stats, a few seconds old at most. */
  stats(): Promise<NodeUsage>;
  /** The same with rates; the first call after a long pause takes as long as the shortest window. */
  rates(): Promise<NodeUsage>;
  /** Of a pod as a whole, its sandbox included. Undefined for a pod that has no processes. */
  podStats(pod: NodePod): Promise<GroupStats | undefined>;
}

/** Makes the meter of a node; `containers` lists what runs when it is called. */
export type MeterOf = (containers: () => readonly RunningContainer[]) => UsageMeter;
