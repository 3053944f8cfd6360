/**
 * What a request takes of the capacities of a device that several requests share. Upstream:
 * consumable_capacity.go of the structured allocator.
 */

import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  Device,
  DeviceCapacity,
} from '#api/generated/types.gen.ts';
import { parseQuantity, Quantity, zeroQuantity } from '#api/values/quantity.ts';

/** By name of the capacity. */
export type Capacities = ReadonlyMap<string, Quantity>;

export const noCapacities: Capacities = new Map();

/** By name of the capacity, as in `capacity.requests`. */
export type CapacityRequests = Readonly<Record<string, string>>;

/** Of every capacity of the device: what is asked for, rounded up to what its policy allows. */
export function consumedBy(requests: CapacityRequests, { capacity = {} }: Device): Map<string, Quantity> {
  return new Map(
    Object.entries(capacity).map(([name, offered]) => [name, consumed(requests[name], offered)] as const),
  );
}

/** Has the device so much left, besides what is allocated and what is being allocated? */
export function fits(
  requests: CapacityRequests,
  device: Device,
  allocated: Capacities,
  allocating: Capacities,
): boolean {
  const { capacity = {} } = device;
  if (Object.keys(requests).some((name) => !Object.hasOwn(capacity, name))) return false;
  for (const [name, wanted] of consumedBy(requests, device)) {
    const { value, requestPolicy } = capacity[name]!;
    if (requestPolicy && violates(wanted, requestPolicy)) return false;
    const used = (allocated.get(name) ?? zeroQuantity).add(allocating.get(name) ?? zeroQuantity);
    if (used.add(wanted).compare(parseQuantity(value)) > 0) return false;
  }
  return true;
}

export function addCapacities(to: Map<string, Quantity>, added: Capacities): void {
  for (const [name, amount] of added) to.set(name, (to.get(name) ?? zeroQuantity).add(amount));
}

/** Returns whether nothing is left. */
export function subtractCapacities(from: Map<string, Quantity>, subtracted: Capacities): boolean {
  for (const [name, amount] of subtracted) {
    const held = from.get(name);
    if (held) from.set(name, held.sub(amount));
  }
  return [...from.values()].every((amount) => amount.isZero());
}

function consumed(requested: string | undefined, { value, requestPolicy: policy }: DeviceCapacity): Quantity {
  if (requested === undefined) return parseQuantity(policy?.default ?? value);
  const wanted = parseQuantity(requested);
  if (policy?.validRange?.min !== undefined) return roundedToRange(wanted, policy.validRange);
  return policy?.validValues?.map(parseQuantity).find((option) => wanted.compare(option) <= 0) ?? wanted;
}

function roundedToRange(wanted: Quantity, { min, step }: CapacityRequestPolicyRange): Quantity {
  const least = parseQuantity(min);
  if (wanted.compare(least) < 0) return least;
  if (step === undefined) return wanted;
  const size = parseQuantity(step).units();
  const above = wanted.units() - least.units();
  const steps = above / size + (above % size === 0n ? 0n : 1n);
  return new Quantity(least.units() + steps * size, 0, 'BinarySI');
}

function violates(
  wanted: Quantity,
  { default: usual, validRange, validValues }: CapacityRequestPolicy,
): boolean {
  if (usual !== undefined && wanted.compare(parseQuantity(usual)) === 0) return false;
  if (validRange) return isOutside(wanted, validRange);
  if (!validValues?.length) return false;
  return !validValues.some((option) => wanted.compare(parseQuantity(option)) === 0);
}

function isOutside(wanted: Quantity, { min, max, step }: CapacityRequestPolicyRange): boolean {
  if (max !== undefined && wanted.compare(parseQuantity(max)) > 0) return true;
  if (step === undefined) return false;
  return (wanted.units() - parseQuantity(min).units()) % parseQuantity(step).units() !== 0n;
}
