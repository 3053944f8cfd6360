/** Names of addresses: of a service by its cluster IP, else of every ready endpoint with the address. */

import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import { hostLabel, isReady } from './backends.ts';
import { addressKey, type ZoneView } from './view.ts';

const nibbles = 32;

/** The address that a name below `in-addr.arpa` or `ip6.arpa` means (`addressKey`). Undefined: no whole address. */
export function reversedAddress(labels: readonly string[]): string | undefined {
  const [root, family, ...digits] = labels.toReversed();
  if (root !== 'arpa') return undefined;
  if (family === 'in-addr') {
    const isAddress =
      digits.length === 4 && digits.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
    return isAddress ? digits.join('.') : undefined;
  }
  if (family !== 'ip6' || digits.length !== nibbles || !digits.every((digit) => /^[0-9a-f]$/.test(digit))) {
    return undefined;
  }
  const groups = Array.from({ length: 8 }, (_, i) => digits.slice(i * 4, i * 4 + 4).join(''));
  return addressKey(groups.join(':'));
}

/** The names of an address, none when the cluster does not know it. */
export function namesOfAddress(view: ZoneView, zone: string, ip: string): string[] {
  const [service] = view.servicesByIp(ip);
  if (service) return [serviceName(service, zone)];
  return [...new Set(view.slicesByIp(ip).flatMap((slice) => endpointNames(slice, zone, ip)))];
}

function endpointNames({ metadata, endpoints }: EndpointSlice, zone: string, ip: string): string[] {
  const owner = metadata?.labels?.['kubernetes.io/service-name'];
  if (!owner) return [];
  return (endpoints ?? [])
    .filter(isReady)
    .flatMap((endpoint) =>
      endpoint.addresses
        .filter((address) => addressKey(address) === ip)
        .map((address) => `${hostLabel(endpoint, address)}.${owner}.${metadata?.namespace}.svc.${zone}`),
    );
}

export function serviceName({ metadata }: Service, zone: string): string {
  return `${metadata?.name}.${metadata?.namespace}.svc.${zone}`;
}
