/** For tests: an allowance of at most `max` objects at a time. */

import type { Allowance } from '#client/queue/write-pace.ts';

export function allowUpTo(max: number): (wanted: number) => Allowance {
  return (wanted) => ({ count: Math.min(wanted, max), weight: 0 });
}
