/** The devices that claims have: whole ones, and shares of those that several claims may have. */

import type { DeviceRequestAllocationResult, ResourceClaimStatus } from '#api/generated/types.gen.ts';
import { parseQuantity, type Quantity } from '#api/values/quantity.ts';
import { addCapacities, type Capacities, subtractCapacities } from './consumed-capacity.ts';
import { deviceId } from './device-id.ts';

type Allocation = ResourceClaimStatus['allocation'];

export class AllocatedDevices {
  readonly #whole = new Map<string, number>();
  /** Ids of shares, by device. */
  readonly #shares = new Map<string, Set<string>>();
  readonly #capacities = new Map<string, Map<string, Quantity>>();

  /** A claim alone has it. */
  isTaken(id: string): boolean {
    return this.#whole.has(id);
  }

  /** A claim has it, or a share of it. */
  isUsed(id: string): boolean {
    return this.#whole.has(id) || this.#shares.has(id) || this.#capacities.has(id);
  }

  /** What its shares take; undefined when none takes anything. */
  capacities(id: string): Capacities | undefined {
    return this.#capacities.get(id);
  }

  add(allocation: Allocation): void {
    for (const result of allocation?.devices?.results ?? []) if (!result.adminAccess) this.#add(result);
  }

  remove(allocation: Allocation): void {
    for (const result of allocation?.devices?.results ?? []) if (!result.adminAccess) this.#remove(result);
  }

  #add(result: DeviceRequestAllocationResult): void {
    const id = deviceId(result);
    // Two claims with one device contradict each other; it is free when both have gone.
    if (result.shareID === undefined) this.#whole.set(id, (this.#whole.get(id) ?? 0) + 1);
    else this.#addShare(id, result.shareID, consumedIn(result));
  }

  #addShare(id: string, shareId: string, consumed: Capacities): void {
    const shares = this.#shares.get(id) ?? new Set();
    this.#shares.set(id, shares.add(shareId));
    if (consumed.size === 0) return;
    const capacities = this.#capacities.get(id) ?? new Map<string, Quantity>();
    addCapacities(capacities, consumed);
    this.#capacities.set(id, capacities);
  }

  #remove(result: DeviceRequestAllocationResult): void {
    const id = deviceId(result);
    if (result.shareID === undefined) {
      const count = (this.#whole.get(id) ?? 0) - 1;
      if (count > 0) this.#whole.set(id, count);
      else this.#whole.delete(id);
      return;
    }
    const shares = this.#shares.get(id);
    shares?.delete(result.shareID);
    if (shares?.size === 0) this.#shares.delete(id);
    const capacities = this.#capacities.get(id);
    if (capacities && subtractCapacities(capacities, consumedIn(result))) this.#capacities.delete(id);
  }
}

function consumedIn({ consumedCapacity = {} }: DeviceRequestAllocationResult): Capacities {
  return new Map(Object.entries(consumedCapacity).map(([name, amount]) => [name, parseQuantity(amount)]));
}
