/** The NUMA nodes of a machine, and how far they are from each other. */

import { isNarrower, maskOf, type NumaMask, nodesOf } from './numa-mask.ts';

export interface NumaNode {
  readonly id: number;
  /** To each node of the machine, by the number of the node; 10 to itself. */
  readonly distances: readonly number[];
}

export class NumaNodes {
  readonly ids: readonly number[];
  readonly all: NumaMask;
  readonly #distances: ReadonlyMap<number, readonly number[]>;

  constructor(nodes: readonly NumaNode[]) {
    this.ids = nodes.map(({ id }) => id);
    this.all = maskOf(this.ids);
    this.#distances = new Map(nodes.map(({ id, distances }) => [id, distances]));
  }

  /** Of two sets of as many nodes the one whose nodes are closer to each other, else the one of fewer nodes. */
  closer(a: NumaMask, b: NumaMask): NumaMask {
    const [distanceA, distanceB] = [this.#averageDistance(a), this.#averageDistance(b)];
    if (nodesOf(a).length !== nodesOf(b).length) return isNarrower(a, b) ? a : b;
    if (distanceA === distanceB) return a < b ? a : b;
    return distanceA < distanceB ? a : b;
  }

  #averageDistance(mask: NumaMask): number {
    const nodes = nodesOf(mask);
    const distances = nodes.flatMap((from) => nodes.map((to) => this.#distances.get(from)?.[to] ?? 0));
    return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  }
}
