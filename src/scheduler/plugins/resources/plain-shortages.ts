/**
 * The rejections for want of room for a pod, its cpu, memory or ephemeral storage. Each combination is made once: a pod
 * that nothing fits is rejected by thousands of nodes.
 */

import type { PlainAmounts } from '#api/pods/plain-amounts.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { Rejection } from '../../framework.ts';

/** In upstream's order; a reason's place is its bit. */
const reasons = [
  'Too many pods',
  'Insufficient cpu',
  'Insufficient memory',
  'Insufficient ephemeral-storage',
];
const unresolvable = 1 << reasons.length;

/** Of a plugin of this name, for a pod without extended resources. Unresolvable when the empty node has too little. */
export function plainShortages(
  plugin: string,
): (requests: PlainAmounts, node: NodeInfo) => Rejection | undefined {
  const known: (Rejection | undefined)[] = [];
  return (requests, { allocatable, requested, pods, podsMax }) => {
    let found = pods.size + 1 > podsMax ? 1 : 0;
    found |= lacks(1, requests.milliCpu, allocatable.milliCpu, requested.milliCpu);
    found |= lacks(2, requests.memoryBytes, allocatable.memoryBytes, requested.memoryBytes);
    const { ephemeralStorageBytes: wanted } = requests;
    found |= lacks(3, wanted, allocatable.ephemeralStorageBytes, requested.ephemeralStorageBytes);
    if (found === 0) return undefined;
    known[found] ??= rejectionOf(plugin, found);
    return known[found];
  };
}

function lacks(place: number, wanted: number, has: number, used: number): number {
  if (wanted === 0 || wanted <= has - used) return 0;
  return (1 << place) | (wanted > has ? unresolvable : 0);
}

function rejectionOf(plugin: string, found: number): Rejection {
  const lacking = reasons.filter((_, place) => (found & (1 << place)) !== 0);
  return new Rejection(plugin, lacking, (found & unresolvable) !== 0);
}
