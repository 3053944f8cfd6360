/** What a node can say of what it has left, and of what each of its pods uses: what evictions are decided by. */

import type { Signal } from '#api/configuration/kubelet/thresholds.ts';
import type { DiskUse } from '#host/files/disk-use.ts';
import type { NodePod } from '../pod/pod.ts';

/** In bytes, inodes or processes. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

/** A signal without an observation meets no threshold. */
export type Observations = ReadonlyMap<Signal, Observation>;

/** What pods are evicted for, by upstream's names. */
export type Resource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

export interface ContainerUse {
  readonly name: string;
  /** The working set. */
  readonly memoryBytes?: number;
  /** What it wrote into its own file system. */
  readonly rootfs?: DiskUse;
  readonly logs?: DiskUse;
}

export interface PodUse {
  readonly memoryBytes: number;
  readonly processes: number;
  readonly containers: readonly ContainerUse[];
  /** All volumes that lie on the node's disk. */
  readonly volumes: DiskUse;
}

/** By uid; a pod that could not be measured is missing. */
export type PodUses = ReadonlyMap<string, PodUse>;

export interface EvictionMeter {
  observe(): Promise<Observations>;
  /** Of these pods, as far as they can be measured, what concerns this resource. */
  uses(pods: readonly NodePod[], resource: Resource): Promise<PodUses>;
  /** Images and containers lie on another file system than logs and volumes. */
  hasDedicatedImageFs(): Promise<boolean>;
}
