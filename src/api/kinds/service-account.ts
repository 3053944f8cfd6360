/** ServiceAccount: an identity for pods. */

import type { Strategy } from '../strategy.ts';
import type { ServiceAccount } from '../types.gen.ts';

export const serviceAccount: Strategy<ServiceAccount> = {};
