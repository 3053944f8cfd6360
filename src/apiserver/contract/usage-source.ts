/** Where the metrics API gets its stats: from what measures a node, in this process. */

/** CPU and memory in use, over a window that ended at `timestampMs`. */
export interface MeasuredUsage {
  /** Wall time. */
  readonly timestampMs: number;
  readonly windowMs: number;
  /** Billionths of a core. */
  readonly cpuNanoCores: number;
  /** The working set. */
  readonly memoryBytes: number;
}

export interface ContainerStats extends MeasuredUsage {
  readonly name: string;
}

export interface NodeStats {
  /** Absent while there is no window to measure over. */
  readonly node?: MeasuredUsage;
  /**
   * By `namespace/name` of the pod, since the API has another uid for a static pod than its node. A pod without
   * stats for each of its running containers is not among them.
   */
  readonly pods: ReadonlyMap<string, readonly ContainerStats[]>;
}

export interface UsageSource {
  /** Undefined for a node that nothing measures. Rejects when it could not be measured. */
  read(nodeName: string): Promise<NodeStats | undefined>;
}
