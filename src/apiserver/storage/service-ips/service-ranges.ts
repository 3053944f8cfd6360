/** The ranges that service addresses come from: those of the ServiceCIDR objects. */

import { serviceCIDRs } from '#api/generated/kinds.gen.ts';
import type { ServiceCIDR } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { type AddressRange, parseAddressRange, placeIn, rangeSize } from '#api/values/address-range.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import { type RangeBounds, staticBandSize } from './number-range.ts';

/** Places in the range. Neither its own address nor the broadcast address of IPv4 is given to a service. */
export function boundsOf(range: AddressRange): RangeBounds {
  const size = rangeSize(range);
  return {
    first: 1,
    last: range.family === 4 ? size - 2 : size - 1,
    staticBand: staticBandSize(size, 16, 16, 256),
  };
}

export function holdsAddress(range: AddressRange, address: string): boolean {
  const { first, last } = boundsOf(range);
  const place = placeIn(range, address);
  return place !== undefined && place >= first && place <= last;
}

/** What cannot be read, stored before ranges were validated, is left out. */
export function rangesOf({ spec }: ServiceCIDR): AddressRange[] {
  return (spec?.cidrs ?? []).flatMap((cidr) => parseAddressRange(cidr) ?? []);
}

/**
 * The ranges that new addresses may come from: a range without the condition counts as ready, as long as no
 * controller runs.
 */
export function readyRanges(reader: ObjectReader): AddressRange[] {
  return readObjects(reader, serviceCIDRs).filter(isReady).flatMap(rangesOf);
}

export function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata?.deletionTimestamp) return false;
  const ready = conditionOf(status, 'Ready');
  return ready === undefined || ready.status === 'True';
}
