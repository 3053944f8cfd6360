/** A device that a request may get on a node. */

import type { Device } from '#api/generated/types.gen.ts';
import { deviceId } from './device-id.ts';
import type { Pool, Slice } from './pool.ts';
import type { Searching } from './searching.ts';

export interface Candidate {
  readonly id: string;
  readonly device: Device;
  readonly slice: Slice;
  readonly pool: Pool;
}

/** In the order in which a search takes them. */
export function* candidatesIn(pool: Pool): Searching<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const slice of pool.slices) {
    for (const device of slice.spec.devices ?? []) {
      const id = deviceId({ driver: pool.driver, pool: pool.name, device: device.name });
      candidates.push({ id, device, slice, pool });
    }
    yield;
  }
  return candidates;
}
