/**
 * The subsets of an Endpoints object: addresses with the same ports together, in an order that does not
 * depend on chance.
 */

import type { EndpointAddress, EndpointPort, EndpointSubset } from '#api/generated/types.gen.ts';
import { canonicalJson } from '../shared/sorted-json.ts';

/** One address with the target ports found for it. */
export interface Backend {
  readonly address: EndpointAddress;
  readonly ports: readonly EndpointPort[];
  readonly ready: boolean;
}

export const addressesMax = 1000;

export function packSubsets(backends: readonly Backend[]): EndpointSubset[] {
  const groups = new Map<string, { ports: EndpointPort[]; backends: Backend[] }>();
  for (const backend of backends) {
    const ports = [...backend.ports].sort((a, b) => byText(canonicalJson(a), canonicalJson(b)));
    const key = canonicalJson(ports);
    if (!groups.has(key)) groups.set(key, { ports, backends: [] });
    groups.get(key)!.backends.push(backend);
  }
  const ordered = [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.map(([, group]) => {
    const addresses = pick(group.backends, true);
    const notReadyAddresses = pick(group.backends, false);
    return {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(group.ports.length > 0 ? { ports: group.ports } : {}),
    };
  });
}

/** At most 1000 addresses in all: ready ones first, then each subset is reduced by its share. */
export function truncateSubsets(subsets: readonly EndpointSubset[]): {
  subsets: EndpointSubset[];
  isTruncated: boolean;
} {
  const readyCount = count(subsets, 'addresses');
  const otherCount = count(subsets, 'notReadyAddresses');
  if (readyCount + otherCount <= addressesMax) return { subsets: [...subsets], isTruncated: false };
  const readyMax = Math.min(readyCount, addressesMax);
  const truncatedReady = cut(subsets, 'addresses', readyCount, readyMax);
  const truncated = cut(truncatedReady, 'notReadyAddresses', otherCount, addressesMax - readyMax);
  const left = truncated.filter(
    ({ addresses, notReadyAddresses }) => addresses?.length || notReadyAddresses?.length,
  );
  return { subsets: left, isTruncated: true };
}

type List = 'addresses' | 'notReadyAddresses';

function count(subsets: readonly EndpointSubset[], list: List): number {
  return subsets.reduce((total, subset) => total + (subset[list]?.length ?? 0), 0);
}

function cut(subsets: readonly EndpointSubset[], list: List, total: number, max: number): EndpointSubset[] {
  let left = max;
  return subsets.map((subset, i) => {
    const { [list]: addresses = [], ...others } = subset;
    const share = total === 0 ? 0 : Math.floor((addresses.length * max) / total);
    // Rounding leaves a few over, which the last subset gets.
    const size = Math.min(addresses.length, i === subsets.length - 1 ? left : share);
    left -= size;
    return size > 0 ? { ...others, [list]: addresses.slice(0, size) } : others;
  });
}

function pick(backends: readonly Backend[], ready: boolean): EndpointAddress[] {
  return backends
    .filter((backend) => backend.ready === ready)
    .map(({ address }) => address)
    .sort((a, b) => byText(a.ip, b.ip) || byText(a.targetRef?.uid, b.targetRef?.uid));
}

function byText(a = '', b = ''): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
