/** What a node has of each signal, and what each of its pods uses: what evictions are decided by. */

import type { EvictionThreshold, Signal, ThresholdAmount } from '#api/configuration/kubelet/thresholds.ts';
import { Quantity } from '#api/values/quantity.ts';
import type { DiskUse } from '#host/files/disk-use.ts';
import type { Pressure } from '../../admission/pressure.ts';

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

export function conditionOfSignal(signal: Signal): Pressure {
  if (isMemory(signal)) return 'MemoryPressure';
  return signal === 'pid.available' ? 'PIDPressure' : 'DiskPressure';
}

export function resourceOfSignal(signal: Signal): Resource {
  if (isMemory(signal)) return 'memory';
  if (signal === 'pid.available') return 'pids';
  return signal.endsWith('.inodesFree') ? 'inodes' : 'ephemeral-storage';
}

export function isMemory(signal: Signal): boolean {
  return signal === 'memory.available' || signal === 'allocatableMemory.available';
}

export function isHard({ graceMs }: EvictionThreshold): boolean {
  return graceMs === 0;
}

/** Shares are of the capacity, rounded down; as upstream formats all of them, in powers of two. */
export function amountOf(amount: ThresholdAmount, { capacity }: Observation): Quantity {
  return 'quantity' in amount ? amount.quantity : binary(Math.trunc(capacity * amount.share));
}

/** `binary(1024)` prints as `1Ki`. */
export function binary(count: number): Quantity {
  return new Quantity(BigInt(Math.trunc(count)), 0, 'BinarySI');
}
