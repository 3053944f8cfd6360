/** The ranges of a cluster, one for each address family: `10.244.0.0/16,fd00:10:244::/56`. */

import type { Family } from './frontends/frontend.ts';

/** The families that a cluster has ranges of, its primary one first. */
export function familiesOf(ranges: string): Family[] {
  return ranges.split(',').map((range) => (range.includes(':') ? 6 : 4));
}

/** Throws for a family that the cluster has no range of. */
export function rangeOf(ranges: string, family: Family): string {
  const range = ranges.split(',').find((text) => text.includes(':') === (family === 6));
  if (range === undefined) throw new Error(`no IPv${family} range in ${ranges}`);
  return range;
}
