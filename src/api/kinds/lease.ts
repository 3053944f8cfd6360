/** Lease: who holds what, and since when. */

import type { Strategy } from '../strategy.ts';
import type { Lease } from '../types.gen.ts';

export const lease: Strategy<Lease> = { allowCreateOnUpdate: true, allowUnconditionalUpdate: false };
