/** Sets of NUMA nodes, as bits: node n is the bit n. Upstream: pkg/kubelet/cm/topologymanager/bitmask. */

export type NumaMask = bigint;

export function maskOf(nodes: Iterable<number>): NumaMask {
  let mask = 0n;
  for (const node of nodes) mask |= 1n << BigInt(node);
  return mask;
}

export function hasNode(mask: NumaMask, node: number): boolean {
  return ((mask >> BigInt(node)) & 1n) === 1n;
}

/** In ascending order. */
export function nodesOf(mask: NumaMask): number[] {
  const nodes: number[] = [];
  for (let node = 0, rest = mask; rest > 0n; node++, rest >>= 1n) if (rest & 1n) nodes.push(node);
  return nodes;
}

export function countOf(mask: NumaMask): number {
  return nodesOf(mask).length;
}

/** It has fewer nodes, or as many of lower numbers. */
export function isNarrower(mask: NumaMask, other: NumaMask): boolean {
  const [count, otherCount] = [countOf(mask), countOf(other)];
  return count === otherCount ? mask < other : count < otherCount;
}

/** All sets of at least one of these nodes: the smaller first, then in the order of the nodes. */
export function* masksOf(nodes: readonly number[]): Iterable<NumaMask> {
  for (let size = 1; size <= nodes.length; size++) yield* subsets(nodes, size);
}

function* subsets(nodes: readonly number[], size: number): Iterable<NumaMask> {
  if (size === 0) yield 0n;
  if (size === 0) return;
  for (const [i, node] of nodes.entries()) {
    for (const rest of subsets(nodes.slice(i + 1), size - 1)) yield (1n << BigInt(node)) | rest;
  }
}
