/** A device that a request may get on a node. */

import type { Device } from '#api/generated/types.gen.ts';
import { deviceId } from './device-id.ts';
import type { Pool, Slice } from './pool.ts';

export interface Candidate {
  readonly id: string;
  readonly device: Device;
  readonly slice: Slice;
  readonly pool: Pool;
}

/** In the order in which a search takes them. */
export function candidatesIn(pools: readonly Pool[]): Candidate[] {
  return pools.flatMap((pool) =>
    pool.slices.flatMap((slice) =>
      (slice.spec.devices ?? []).map((device) => ({
        id: deviceId({ driver: pool.driver, pool: pool.name, device: device.name }),
        device,
        slice,
        pool,
      })),
    ),
  );
}
