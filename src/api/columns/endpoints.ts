/** The columns of Endpoints and EndpointSlice: the first three of everything. */

import { endpointSlices, endpoints } from '../generated/kinds.gen.ts';
import type { Endpoints } from '../generated/types.gen.ts';
import { ageOf, firstOf, hostPort, nameOf, none, unset } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn } from './define.ts';

const shownMax = 3;

export const endpointsColumns = definePrinted(
  endpoints,
  [nameColumn, column('Endpoints'), ageColumn],
  (one, nowMs) => [nameOf(one), firstOf(addresses(one), shownMax) || none, ageOf(one, nowMs)],
);

function addresses(one: Endpoints): string[] {
  return (one.subsets ?? []).flatMap((subset) => {
    const ips = (subset.addresses ?? []).map((address) => address.ip);
    if (!subset.ports?.length) return ips;
    return subset.ports.flatMap((port) => ips.map((ip) => hostPort(ip, port.port)));
  });
}

export const endpointSliceColumns = definePrinted(
  endpointSlices,
  [nameColumn, column('AddressType'), column('Ports'), column('Endpoints'), ageColumn],
  (slice, nowMs) => {
    const ports = (slice.ports ?? []).map((one) => (one.port === undefined ? '*' : String(one.port)));
    const ips = (slice.endpoints ?? []).flatMap((one) => one.addresses);
    return [
      nameOf(slice),
      slice.addressType,
      firstOf(ports, shownMax) || unset,
      firstOf(ips, shownMax) || unset,
      ageOf(slice, nowMs),
    ];
  },
);
