/** The ranges that service addresses come from: those of the ServiceCIDR objects. Only IPv4 is given out. */

import { serviceCIDRs } from '#api/generated/kinds.gen.ts';
import type { ServiceCIDR } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { parseCidr as readCidr } from '#api/values/ip.ts';
import { type Cidr, cidrSize, contains, parseCidr } from '#base/net/cidr.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import { type RangeBounds, staticBandSize } from './number-range.ts';

/** Neither a range's own address nor its broadcast address is given to a service. */
export function boundsOf(range: Cidr): RangeBounds {
  const size = cidrSize(range);
  return {
    first: range.base + 1,
    last: range.base + size - 2,
    staticBand: staticBandSize(size, 16, 16, 256),
  };
}

export function holdsAddress(range: Cidr, address: number): boolean {
  const { first, last } = boundsOf(range);
  return contains(range, address) && address >= first && address <= last;
}

/** The IPv4 ranges. What cannot be read, stored before ranges were validated, is left out. */
export function rangesOf({ spec }: ServiceCIDR): Cidr[] {
  return (spec?.cidrs ?? []).filter((cidr) => readCidr(cidr)?.ip.family === 4).map(parseCidr);
}

/**
 * The ranges that new addresses may come from: a range without the condition counts as ready, as long as no
 * controller runs.
 */
export function readyRanges(reader: ObjectReader): Cidr[] {
  return readObjects(reader, serviceCIDRs).filter(isReady).flatMap(rangesOf);
}

export function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata?.deletionTimestamp) return false;
  const ready = conditionOf(status, 'Ready');
  return ready === undefined || ready.status === 'True';
}
