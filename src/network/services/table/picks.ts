/**
 * The chains that choose a backend, shared by all services with the same number of backends: the choice is a
 * random number, and a map has the backend of that number for each address. A service is then nothing but
 * elements, however many backends it has; a chain for each backend, as upstream has, takes the kernel minutes
 * for 100,000 of them.
 */

import type { Family } from '../frontends/frontend.ts';

/** How an address finds its backends: by destination address, or as a port of this node. */
export type BackendMap = 'endpoints' | 'port_endpoints';

/** Backends on this node of a service with externalTrafficPolicy Local have numbers from here on. */
export const localSlots = 65_536;

export interface SharedChain {
  readonly name: string;
  readonly rules: readonly string[];
}

export function ipWord(family: Family): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6';
}

/** What comes from elsewhere than a pod gets this node's address, to be answered through it. */
export function markForeign(family: Family, podRange: string): string {
  return `${ipWord(family)} saddr != ${podRange} jump mark_masquerade`;
}

export function clusterChain(family: Family, podRange: string, count: number): SharedChain {
  const rules = [markForeign(family, podRange), ...pick(family, 'endpoints', count)];
  return { name: `cluster-${count}`, rules };
}

export function externalChain(family: Family, map: BackendMap, count: number): SharedChain {
  return {
    name: nameOf('external', map, count),
    rules: ['jump mark_masquerade', ...pick(family, map, count)],
  };
}

/**
 * Policy Local applies to clients outside the cluster: pods and programs of this node reach every backend, as
 * with policy Cluster. `counts`: of all backends, and of those on this node, which may be 0.
 */
export function localChains(
  family: Family,
  map: BackendMap,
  podRange: string,
  counts: { readonly any: number; readonly local: number },
): { any: SharedChain; local: SharedChain } {
  const any = { name: nameOf('any', map, counts.any), rules: pick(family, map, counts.any) };
  const rules = [
    ...unlimitedRules(family, podRange, any.name),
    ...pick(family, map, counts.local, localSlots),
  ];
  return { any, local: { name: nameOf('local', map, `${counts.any}-${counts.local}`), rules } };
}

/** Sends pods and programs of this node to the chain `any`. */
export function unlimitedRules(family: Family, podRange: string, any: string): string[] {
  return [
    `${ipWord(family)} saddr ${podRange} goto ${any}`,
    // A client on this machine's loopback must be masqueraded, or the pod would answer itself.
    'fib saddr type local jump mark_masquerade',
    `fib saddr type local goto ${any}`,
  ];
}

/**
 * The second rule is for a packet between two versions of the table: its number is gone, or the kernel unlinked
 * the old element while it was looked up. The first number is always there.
 */
function pick(family: Family, map: BackendMap, count: number, offset = 0): string[] {
  const ip = ipWord(family);
  const address = map === 'endpoints' ? `${ip} daddr . meta l4proto . th dport` : 'meta l4proto . th dport';
  const from = offset === 0 ? '' : ` offset ${offset}`;
  const rule = (mod: number) => `dnat ${ip} to ${address} . numgen random mod ${mod}${from} map @${map}`;
  return count === 0 ? [] : [rule(count), rule(1)];
}

function nameOf(kind: string, map: BackendMap, count: number | string): string {
  return map === 'endpoints' ? `${kind}-${count}` : `port-${kind}-${count}`;
}
