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
