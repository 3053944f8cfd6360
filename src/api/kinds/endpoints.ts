/** Endpoints: the older list of the addresses behind a service. */

import type { Strategy } from '../strategy.ts';
import type { Endpoints } from '../types.gen.ts';

export const endpoints: Strategy<Endpoints> = {
  allowCreateOnUpdate: true,
  setDefaults(endpoints) {
    for (const subset of endpoints.subsets ?? []) {
      for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
    }
  },
};
