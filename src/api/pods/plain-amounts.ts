/** Amounts of resources as plain numbers, where many pods and nodes are compared: scheduler and kubelet. */

import { quantityMilliValue, quantityValue } from '../values/quantity.ts';
import type { ResourceList, Tally } from './resources.ts';

/** Amounts by resource; cpu in thousandths, everything else in its own unit. */
export interface PlainAmounts {
  milliCpu: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  /** Extended resources and huge pages; absent when there are none. */
  scalars?: Map<string, number>;
}

export function noAmounts(): PlainAmounts {
  return { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
}

function parse(list: ResourceList | undefined): PlainAmounts {
  const parsed = noAmounts();
  if (list) replace(parsed, list);
  return parsed;
}

function replace(amounts: PlainAmounts, list: ResourceList): void {
  for (const name in list) {
    const amount = list[name];
    if (name === 'cpu') amounts.milliCpu = quantityMilliValue(amount);
    else if (name === 'memory') amounts.memoryBytes = quantityValue(amount);
    else if (name === 'ephemeral-storage') amounts.ephemeralStorageBytes = quantityValue(amount);
    else if (name !== 'pods') {
      amounts.scalars ??= new Map();
      amounts.scalars.set(name, quantityValue(amount));
    }
  }
}

export function addAmounts(total: PlainAmounts, more: PlainAmounts, direction: 1 | -1 = 1): void {
  total.milliCpu += direction * more.milliCpu;
  total.memoryBytes += direction * more.memoryBytes;
  total.ephemeralStorageBytes += direction * more.ephemeralStorageBytes;
  if (!more.scalars) return;
  total.scalars ??= new Map();
  for (const [name, amount] of more.scalars) {
    total.scalars.set(name, (total.scalars.get(name) ?? 0) + direction * amount);
  }
}

function raise(total: PlainAmounts, other: PlainAmounts): void {
  total.milliCpu = Math.max(total.milliCpu, other.milliCpu);
  total.memoryBytes = Math.max(total.memoryBytes, other.memoryBytes);
  total.ephemeralStorageBytes = Math.max(total.ephemeralStorageBytes, other.ephemeralStorageBytes);
  if (!other.scalars) return;
  total.scalars ??= new Map();
  for (const [name, amount] of other.scalars) {
    total.scalars.set(name, Math.max(total.scalars.get(name) ?? 0, amount));
  }
}

export function amountOf(
  { milliCpu, memoryBytes, ephemeralStorageBytes, scalars }: PlainAmounts,
  name: string,
): number {
  if (name === 'cpu') return milliCpu;
  if (name === 'memory') return memoryBytes;
  if (name === 'ephemeral-storage') return ephemeralStorageBytes;
  return scalars?.get(name) ?? 0;
}

export const plainAmounts: Tally<PlainAmounts> = {
  of: parse,
  add: addAmounts,
  raise,
  replace,
  isZero: (total, name) => amountOf(total, name) === 0,
};
