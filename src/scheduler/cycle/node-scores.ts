/** The scores of feasible nodes: the weighted sum over the plugins of normalized scores, and the choice of the best. */

import type { Random } from '#base/random.ts';
import type { ClusterView } from '../cache/cluster-view.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { SchedulerPlugin } from '../framework.ts';

export class NodeScores {
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #random: Random;
  #totals = new Float64Array(0);
  #scores = new Float64Array(0);

  constructor(plugins: readonly SchedulerPlugin[], random: Random) {
    this.#plugins = plugins;
    this.#random = random;
  }

  /** `nodes[i]` has the i-th total. Valid until the next call. */
  totals(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): Float64Array {
    const count = nodes.length;
    if (this.#totals.length < count) {
      this.#totals = new Float64Array(count);
      this.#scores = new Float64Array(count);
    }
    const totals = this.#totals.subarray(0, count).fill(0);
    const scores = this.#scores.subarray(0, count);
    for (const plugin of this.#plugins) {
      const scoring = plugin.preScore?.(pod, nodes, view);
      if (!scoring) continue;
      for (let i = 0; i < count; i++) scores[i] = scoring.score(nodes[i]!);
      scoring.normalize?.(scores, nodes);
      const weight = plugin.weight ?? 1;
      for (let i = 0; i < count; i++) totals[i] = totals[i]! + weight * scores[i]!;
    }
    return totals;
  }

  /** The node with the highest total; among equals with equal probability, in one pass. */
  best(nodes: readonly NodeInfo[], totals: Float64Array): NodeInfo {
    let best = 0;
    let equals = 1;
    for (let i = 1; i < totals.length; i++) {
      const difference = totals[i]! - totals[best]!;
      if (difference < 0) continue;
      if (difference > 0) {
        best = i;
        equals = 1;
      } else if (this.#random.float() * ++equals < 1) best = i;
    }
    return nodes[best]!;
  }
}
