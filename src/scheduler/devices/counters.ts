/** Counters that devices of a pool share: partitions of one device, of which not all can be used at once. */

import type { Device } from '#api/generated/types.gen.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import type { AllocatedDevices } from './allocated-devices.ts';
import type { Candidate } from './candidate.ts';
import { deviceId } from './device-id.ts';
import type { Pool } from './pool.ts';

/** By counter, named `set/counter`. */
type Amounts = Map<string, Quantity>;

export class Counters {
  readonly #allocated: AllocatedDevices;
  /** What allocated devices leave. */
  readonly #available = new Map<Pool, Amounts>();
  /** What the devices of this search take. */
  readonly #taken = new Map<Pool, Amounts>();

  constructor(allocated: AllocatedDevices) {
    this.#allocated = allocated;
  }

  /** Returns false, and takes nothing, when a counter would be exceeded. */
  take({ pool, device }: Candidate): boolean {
    const taken = this.#takenOf(pool);
    const available = this.#availableOf(pool);
    add(taken, device, 1);
    // Every counter of the pool must hold, not only those of the device: allocated devices may exceed some already.
    for (const [name, left] of available) {
      if (left.compare(taken.get(name) ?? zeroQuantity) >= 0) continue;
      add(taken, device, -1);
      return false;
    }
    return true;
  }

  giveBack({ pool, device }: Candidate): void {
    add(this.#takenOf(pool), device, -1);
  }

  #takenOf(pool: Pool): Amounts {
    const taken = this.#taken.get(pool) ?? new Map();
    this.#taken.set(pool, taken);
    return taken;
  }

  #availableOf(pool: Pool): Amounts {
    const known = this.#available.get(pool);
    if (known) return known;
    const available: Amounts = new Map();
    for (const { name, counters } of pool.counterSets.values()) {
      for (const [counter, { value }] of Object.entries(counters)) {
        available.set(`${name}/${counter}`, parseQuantity(value));
      }
    }
    for (const { spec } of [...pool.slices, ...pool.otherSlices]) {
      for (const device of spec.devices ?? []) {
        const id = deviceId({ driver: pool.driver, pool: pool.name, device: device.name });
        if (this.#allocated.isUsed(id)) add(available, device, -1);
      }
    }
    this.#available.set(pool, available);
    return available;
  }
}

function add(amounts: Amounts, { consumesCounters = [] }: Device, sign: 1 | -1): void {
  for (const { counterSet, counters } of consumesCounters) {
    for (const [counter, { value }] of Object.entries(counters)) {
      const name = `${counterSet}/${counter}`;
      const amount = parseQuantity(value);
      const before = amounts.get(name) ?? zeroQuantity;
      amounts.set(name, sign === 1 ? before.add(amount) : before.sub(amount));
    }
  }
}
