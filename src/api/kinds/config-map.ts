/** ConfigMap: keys with text or bytes; frozen when `immutable`. */

import type { Strategy } from '../strategy.ts';
import type { ConfigMap } from '../types.gen.ts';

export const configMap: Strategy<ConfigMap> = {};
