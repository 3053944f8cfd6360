/** One compiled check of a value. */

import type { Old } from './old-values.ts';
import type { Result } from './result.ts';

/** Adds what it finds to `out`. `old`: the value that this one takes the place of, where one does. */
export type Check = (value: unknown, path: string, out: Result, old?: Old) => void;
