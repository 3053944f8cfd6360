/**
 * One cycle for a pod that extenders are interested in: the steps of `cycle/algorithm.ts`, and between them
 *
 *   filter   the extenders one after the other, each with the nodes that the one before has left
 *   score    all at once; what they give is added to the totals of the plugins
 *   preempt  one after the other, each with the candidates that the one before has left
 *
 * An ignorable extender that fails is passed over; any that fails to score is. Otherwise its error ends the cycle. While
 * an extender is waited for the cluster may change, as between upstream's snapshot and its binding: a node that has been
 * deleted is not chosen.
 */

import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ClusterView } from '../cache/cluster-view.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { type Algorithm, type FoundNode, type NoNode, noNodes } from '../cycle/algorithm.ts';
import { cheapest } from '../cycle/candidates.ts';
import type { Search } from '../cycle/search.ts';
import type { PreemptionCandidate } from '../framework.ts';
import { type Extender, extenderName } from './extender.ts';

export interface ExtendedParts {
  readonly algorithm: Algorithm;
  /** Those that are interested in the pod, in the order in which they are called. */
  readonly extenders: readonly Extender[];
  readonly log: Pick<Log, 'info'>;
}

/** Throws the error of an extender that is not ignorable. */
export function extendedCycle(
  parts: ExtendedParts,
  pod: PodInfo,
  view: ClusterView,
): Promise<FoundNode | NoNode> {
  return new ExtendedCycle(parts, pod, view).run();
}

class ExtendedCycle {
  readonly #parts: ExtendedParts;
  readonly #pod: PodInfo;
  readonly #view: ClusterView;

  constructor(parts: ExtendedParts, pod: PodInfo, view: ClusterView) {
    this.#parts = parts;
    this.#pod = pod;
    this.#view = view;
  }

  async run(): Promise<FoundNode | NoNode> {
    const { algorithm } = this.#parts;
    if (this.#view.nodes.length === 0) return noNodes();
    const search = algorithm.begin(this.#pod, this.#view);
    const { filterings } = search;
    const feasible = search.upFront ? [] : await this.#feasible(search);
    if (feasible.length === 1) return { node: feasible[0]!, filterings };
    if (feasible.length === 0) return this.#makeRoom(search);
    return { node: await this.#best(feasible), filterings };
  }

  async #feasible(search: Search): Promise<NodeInfo[]> {
    const nominated = search.nominated();
    if (nominated) {
      const passed = await this.#filterNominated(nominated, search);
      if (passed.length > 0) return passed;
    }
    const feasible = this.#parts.algorithm.timed('Filter', () => search.feasible());
    const passed = await this.#filter(feasible, search);
    if (passed.length !== feasible.length) search.alsoRejectedBy.add(extenderName);
    return passed;
  }

  /** Upstream looks at the other nodes when the nominated one cannot be judged. */
  async #filterNominated(nominated: NodeInfo, search: Search): Promise<NodeInfo[]> {
    try {
      return await this.#filter([nominated], search);
    } catch (error) {
      this.#note('an extender could not judge the nominated node', error);
      return [];
    }
  }

  async #filter(feasible: readonly NodeInfo[], search: Search): Promise<NodeInfo[]> {
    let left = feasible;
    for (const extender of this.#parts.extenders) {
      if (!extender.filters || left.length === 0) continue;
      try {
        const { nodes, rejections } = await extender.filter(this.#pod, left, this.#view);
        for (const [node, rejection] of rejections) search.rejections.set(node, rejection);
        left = nodes;
      } catch (error) {
        if (!extender.isIgnorable) throw error;
        this.#note('an extender was passed over', error, extender);
      }
    }
    return left.filter((node) => this.#isThere(node));
  }

  async #best(feasible: readonly NodeInfo[]): Promise<NodeInfo> {
    const { algorithm, extenders } = this.#parts;
    const pod = this.#pod;
    const { scores } = algorithm;
    const totals = algorithm.timed('Score', () => scores.totals(pod, feasible, this.#view).slice());
    const scoring = extenders.filter((extender) => extender.scores);
    const added = await Promise.all(scoring.map((extender) => this.#scoresOf(extender, feasible)));
    for (const [i, { name }] of feasible.entries()) {
      for (const scores of added) totals[i] = totals[i]! + (scores.get(name) ?? 0);
    }
    const left = feasible
      .map((node, i) => ({ node, total: totals[i]! }))
      .filter(({ node }) => this.#isThere(node));
    if (left.length === 0) throw new Error('all nodes that the pod fits were deleted');
    return scores.best(
      left.map(({ node }) => node),
      Float64Array.from(left, ({ total }) => total),
    );
  }

  async #scoresOf(extender: Extender, nodes: readonly NodeInfo[]): Promise<ReadonlyMap<string, number>> {
    try {
      return await extender.score(this.#pod, nodes);
    } catch (error) {
      this.#note('an extender gave no scores', error, extender);
      return new Map();
    }
  }

  async #makeRoom(search: Search): Promise<NoNode> {
    const { algorithm, extenders } = this.#parts;
    const found = algorithm.makeRoom(this.#pod, this.#view, search);
    const { failure, candidates } = found;
    if (!candidates || !extenders.some((extender) => extender.preempts)) return found;
    try {
      const best = cheapest(await this.#preempt(candidates));
      if (best) return { failure, nominatedNode: best.node.name, victims: best.victims };
      failure.postFilterMessage = 'no candidate node for preemption';
    } catch (error) {
      failure.postFilterMessage = errorText(error);
    }
    return { failure };
  }

  async #preempt(candidates: readonly PreemptionCandidate[]): Promise<readonly PreemptionCandidate[]> {
    let left = candidates;
    for (const extender of this.#parts.extenders) {
      if (!extender.preempts || left.length === 0) continue;
      try {
        left = await extender.preempt(this.#pod, left, this.#view);
      } catch (error) {
        if (!extender.isIgnorable) throw error;
        this.#note('an extender was passed over', error, extender);
      }
    }
    return left.filter(({ node }) => this.#isThere(node));
  }

  #isThere(node: NodeInfo): boolean {
    return this.#view.node(node.name) === node;
  }

  #note(what: string, error: unknown, extender?: Extender): void {
    const { log } = this.#parts;
    log.info(what, {
      pod: this.#pod.key,
      ...(extender ? { extender: extender.name } : {}),
      error: errorText(error),
    });
  }
}
