/** One compiled check of a value. */

import type { Old } from './old-values.ts';
import type { Result } from './result.ts';

/** Adds problems to `out`. `old`: the old value that `value` replaces, if any. */
export type Check = (value: unknown, path: string, out: Result, old?: Old) => void;
