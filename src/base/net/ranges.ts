/** Chooses pod and service ranges that do not overlap with a route of this machine. */

import { type Cidr, formatCidr, overlap, parseCidr } from './cidr.ts';

export interface Ranges {
  /** Pod range of the cluster, a /16. */
  readonly pods: string;
  /** Service range, a /16. */
  readonly services: string;
}

/** A /24 for each node: this many fit into the default pod range. */
export const nodesInDefaultRange = 250;

/** For a cluster without real nodes: its ranges are not routed, so they cannot collide. */
export function simulatedRanges(nodes: number): Ranges {
  return { pods: nodes > nodesInDefaultRange ? '10.128.0.0/9' : '10.244.0.0/16', services: '10.96.0.0/16' };
}

/**
 * The defaults (10.244.0.0/16, 10.96.0.0/16) or, for a second cluster on the machine, the next free pair.
 * `taken` are the destinations of the machine's routes. Throws when no pair is free.
 */
export function chooseRanges(taken: readonly string[]): Ranges {
  const used = routedRanges(taken);
  return { pods: firstFree(used, 244, 255), services: firstFree(used, 96, 127) };
}

/** A free /24 for the link between the nodes of one machine: 10.201.0.0/24 or the next. Throws when none is free. */
export function chooseLinkRange(taken: readonly string[]): string {
  return firstFreeOfSecond(taken, 201);
}

/** A free /24 for the addresses of load balancers: 10.232.0.0/24 or the next. Throws when none is free. */
export function chooseBalancerRange(taken: readonly string[]): string {
  return firstFreeOfSecond(taken, 232);
}

function firstFreeOfSecond(taken: readonly string[], second: number): string {
  const used = routedRanges(taken);
  for (let third = 0; third <= 255; third++) {
    const candidate = parseCidr(`10.${second}.${third}.0/24`);
    if (!used.some((range) => overlap(range, candidate))) return formatCidr(candidate);
  }
  throw new Error(`no free /24 in 10.${second}.0.0/16: this machine routes all of them`);
}

/** Of the destinations of routes: a default route is no range. */
export function routedRanges(routes: readonly string[]): Cidr[] {
  return routes
    .filter((route) => /^\d/.test(route))
    .map(parseCidr)
    .filter(({ bits }) => bits > 0);
}

function firstFree(used: readonly Cidr[], from: number, to: number): string {
  for (let second = from; second <= to; second++) {
    const candidate = parseCidr(`10.${second}.0.0/16`);
    if (!used.some((range) => overlap(range, candidate))) return formatCidr(candidate);
  }
  throw new Error(`no free /16 between 10.${from}.0.0 and 10.${to}.0.0: this machine routes all of them`);
}
