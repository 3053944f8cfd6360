/** How a body is read into an object of a type. */

import type { OddText } from '#wire/json/odd-numbers.ts';

export interface Reading {
  /** Returns the original spelling of numbers of the value. */
  readonly oddText?: OddText | undefined;
  /** Integers of the value may come from elsewhere. */
  readonly isMerged?: boolean;
  /** As upstream makes structs of maps without JSON between: the first error counts, and integers are converted. */
  readonly isConverted?: boolean;
}
