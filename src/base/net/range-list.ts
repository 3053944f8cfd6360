/** The ranges of a cluster, at most one for each address family: `10.244.0.0/16,fd00:10:244::/56`. */

export type Family = 4 | 6;

/** The families that a cluster has ranges of, its primary one first. */
export function familiesOf(ranges: string): Family[] {
  return ranges.split(',').map((range) => (range.includes(':') ? 6 : 4));
}

/** Undefined for a family that the cluster has no range of. */
export function findRange(ranges: string, family: Family): string | undefined {
  return ranges.split(',').find((text) => text.includes(':') === (family === 6));
}

/** Throws for a family that the cluster has no range of. */
export function rangeOf(ranges: string, family: Family): string {
  const range = findRange(ranges, family);
  if (range === undefined) throw new Error(`no IPv${family} range in ${ranges}`);
  return range;
}

/** The IPv6 range of pods beside this IPv4 one: `fd00:10:244::/56`, a /64 for each of 256 nodes. */
export function ipv6PodRange(ipv4Range: string): string {
  const [first, second] = ipv4Range.split('.');
  return `fd00:${first}:${second}::/56`;
}
