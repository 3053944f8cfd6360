/** ServiceAccount: an identity for pods. */

import type { ServiceAccount } from '../../generated/types.gen.ts';
import type { Strategy } from '../shared/strategy.ts';

/** Nothing of its own beside what every object's metadata must fulfil. */
export const serviceAccount: Strategy<ServiceAccount> = { hasGeneration: false };
