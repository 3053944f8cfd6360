/** What each eviction signal is about: its resource, its condition of the node, the amounts of its thresholds. */

import type { EvictionThreshold, Signal, ThresholdAmount } from '#api/configuration/kubelet/thresholds.ts';
import { Quantity } from '#api/values/quantity.ts';
import type { Pressure } from '../../admission/pressure.ts';
import type { Observation, Resource } from '../../runtime/eviction-meter.ts';

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
