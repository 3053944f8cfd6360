/**
 * What a node offers its pods: its capacity without what is reserved and without what its hard eviction thresholds
 * keep free. Pure; follows upstream's `GetNodeAllocatableReservation`.
 */

import type { Reserved } from '#api/configuration/kubelet/reserved.ts';
import type { EvictionThreshold, ThresholdAmount } from '#api/configuration/kubelet/thresholds.ts';
import { parseQuantity, Quantity } from '#api/values/quantity.ts';

/** Texts of quantities by resource, as in a Node's status. */
export type Amounts = Readonly<Record<string, string>>;

/** By signal, the resource of which its hard threshold keeps a part. */
const keptBy: Readonly<Record<string, string>> = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
};

/** Never less than nothing. */
export function allocatableOf(
  capacity: Amounts,
  reserved: Reserved,
  thresholds: readonly EvictionThreshold[],
): Record<string, string> {
  const left = new Map(Object.entries(withoutReserved(capacity, reserved)));
  for (const { signal, amount, graceMs } of thresholds) {
    const resource = graceMs === 0 ? keptBy[signal] : undefined;
    const whole = resource === undefined ? undefined : capacity[resource];
    if (resource === undefined || whole === undefined) continue;
    left.set(resource, less(left.get(resource)!, keptOf(amount, whole)));
  }
  return Object.fromEntries(left);
}

/** The capacity without what is reserved: what the control group of all pods may use. */
export function withoutReserved(capacity: Amounts, reserved: Reserved): Record<string, string> {
  const entries = Object.entries(capacity).map(([name, amount]) => {
    const kept = reserved.get(name);
    return [name, kept ? less(amount, kept) : amount];
  });
  return Object.fromEntries(entries);
}

/**
 * What is reserved and kept free of more than the node has: upstream's kubelet does not start then. Undefined when
 * all fits.
 */
export function excessiveReservation(
  capacity: Amounts,
  reserved: Reserved,
  thresholds: readonly EvictionThreshold[],
): string | undefined {
  const kept = new Map(reserved);
  for (const { signal, amount, graceMs } of thresholds) {
    const resource = graceMs === 0 ? keptBy[signal] : undefined;
    if (resource === undefined) continue;
    const more = keptOf(amount, capacity[resource] ?? '0');
    kept.set(resource, kept.get(resource)?.add(more) ?? more);
  }
  for (const [name, quantity] of kept) {
    const has = capacity[name];
    if (has === undefined || parseQuantity(has).compare(quantity) >= 0) continue;
    return (
      `Resource "${name}" has a reservation of ${quantity} but capacity of ${has}. ` +
      'Expected capacity >= reservation.'
    );
  }
  return undefined;
}

function keptOf(amount: ThresholdAmount, whole: string): Quantity {
  if ('quantity' in amount) return amount.quantity;
  return new Quantity(BigInt(Math.trunc(parseQuantity(whole).value() * amount.share)), 0, 'BinarySI');
}

function less(amount: string, kept: Quantity): string {
  const left = parseQuantity(amount).sub(kept);
  return left.sign() < 0 ? '0' : left.toString();
}
