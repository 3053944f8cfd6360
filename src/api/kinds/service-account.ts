/** ServiceAccount: an identity for pods. */

import type { Strategy } from '../strategy.ts';
import type { ServiceAccount } from '../types.gen.ts';

/** Nothing of its own beside what every object's metadata must fulfil. */
export const serviceAccount: Strategy<ServiceAccount> = { hasGeneration: false };
