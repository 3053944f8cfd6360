/** Fields of ResourceSlices behind feature gates that are off by default. */

import type { ResourceSlice } from '../../generated/types.gen.ts';

/** Fields behind the feature gate DRAListTypeAttributes. */
const lists = ['bools', 'ints', 'strings', 'versions'] as const;

export function dropDisabledFields({ spec }: ResourceSlice): void {
  for (const device of spec.devices ?? []) {
    // Behind the feature gate DRANodeAllocatableResources.
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values(device.attributes ?? {})) {
      for (const list of lists) delete attribute[list];
    }
  }
}
