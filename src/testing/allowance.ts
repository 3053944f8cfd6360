/** For tests: an allowance of at most `max` objects at a time; what is given back is noted. */

import type { Allowance } from '#client/queue/write-pace.ts';

export function allowUpTo(max: number, givenBack: number[] = []): (wanted: number) => Allowance {
  return (wanted) => ({ count: Math.min(wanted, max), giveBack: (count) => void givenBack.push(count) });
}
