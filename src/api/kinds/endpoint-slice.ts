/** EndpointSlice: some of the addresses behind a service, with their conditions and zones. */

import type { Strategy } from '../strategy.ts';
import type { EndpointSlice } from '../types.gen.ts';

export const endpointSlice: Strategy<EndpointSlice> = {
  hasGeneration: true,
  setDefaults(slice) {
    for (const port of slice.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
};
