/**
 * The search of one cycle for nodes that a pod fits: what the plugins prepared for the pod, and why nodes were rejected.
 *
 * 1. Each plugin's preFilter prepares for the pod, rejects it, or limits the nodes.
 * 2. The nominated node is tried first.
 * 3. Nodes are filtered from where the last search stopped, until enough have passed (upstream's sampling).
 */

import type { Random } from '#base/random.ts';
import type { ClusterView } from '../cache/cluster-view.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { type FailedCycle, type Filtering, Rejection, type SchedulerPlugin } from '../framework.ts';
import { FitFailure } from './fit-failure.ts';
import { placeFor, runFilters, takeAway } from './trial.ts';

const sampledNodesMin = 100;
const sampledPercentMin = 5;

export interface SearchOptions {
  readonly pod: PodInfo;
  readonly view: ClusterView;
  /** 0: computed from the number of nodes. */
  readonly percentage: number;
  /** Where in the list of nodes the next search begins: shared by all searches of a profile. */
  readonly start: { at: number };
}

export class Search {
  readonly rejections = new Map<NodeInfo, Rejection>();
  filterings: readonly Filtering[] = [];
  /** A plugin rejected the pod for every node. */
  upFront: Rejection | undefined;
  /** Plugins whose rejection is none of the nodes' in `rejections`. */
  readonly alsoRejectedBy = new Set<string>();
  readonly #options: SearchOptions;
  readonly #prepared = new Set<string>();
  #nodeNames: ReadonlySet<string> | undefined;
  #leftOut: Rejection | undefined;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  prepare(plugins: readonly SchedulerPlugin[]): Rejection | undefined {
    const { pod, view } = this.#options;
    const filterings: Filtering[] = [];
    const narrowedBy: string[] = [];
    for (const plugin of plugins) {
      const result = plugin.preFilter?.(pod, view);
      this.#prepared.add(plugin.name);
      if (!result) continue;
      if (result instanceof Rejection) {
        this.upFront = result;
        return result;
      }
      filterings.push(result);
      if (result.nodeNames) this.#narrow(narrowedBy, plugin.name, result.nodeNames);
    }
    this.filterings = filterings;
    return undefined;
  }

  #narrow(narrowedBy: string[], plugin: string, names: ReadonlySet<string>): void {
    narrowedBy.push(plugin);
    this.#nodeNames = this.#nodeNames ? this.#nodeNames.intersection(names) : names;
    const reason = `node(s) didn't satisfy plugin(s) [${[...narrowedBy].sort().join(' ')}]`;
    this.#leftOut = new Rejection(narrowedBy[0]!, [reason], true);
  }

  /** The node where room was made for the pod, if the pod fits it. */
  nominated(): NodeInfo | undefined {
    const { pod, view } = this.#options;
    const node = view.node(view.nominations.nodeOf(pod.key) ?? '');
    return node && !this.fits(node) ? node : undefined;
  }

  feasible(): NodeInfo[] {
    const { view, percentage, start } = this.#options;
    const nodes = this.#nodeNames ? namedNodes(this.#nodeNames, view) : view.nodes;
    const wanted = sampleSize(nodes.length, percentage);
    const feasible: NodeInfo[] = [];
    const first = start.at % Math.max(1, nodes.length);
    let looked = 0;
    while (looked < nodes.length && feasible.length < wanted) {
      let place = first + looked++;
      if (place >= nodes.length) place -= nodes.length;
      const node = nodes[place]!;
      const rejection = this.fits(node);
      if (rejection) this.rejections.set(node, rejection);
      else feasible.push(node);
    }
    start.at = first + looked;
    return feasible;
  }

  /**
   * Nominated pods of at least this priority are counted in. The pod must also fit without them:
   * they may never be bound there, and an affinity to them would then not hold.
   */
  fits(node: NodeInfo): Rejection | undefined {
    const { pod, view } = this.#options;
    if (this.upFront) return this.upFront;
    const nominated = view.nominations.on(node.name);
    if (nominated.length > 0) {
      const promised = nominated.filter((other) => other.priority >= pod.priority && other.key !== pod.key);
      const rejection = promised.length > 0 ? this.#fitsWith(promised, node) : undefined;
      if (rejection) return rejection;
    }
    return runFilters(this.filterings, node);
  }

  #fitsWith(promised: readonly PodInfo[], node: NodeInfo): Rejection | undefined {
    for (const other of promised) placeFor(this.filterings, other, node);
    const rejection = runFilters(this.filterings, node);
    for (const other of promised) takeAway(this.filterings, other, node);
    return rejection;
  }

  failure(): FitFailure {
    const { view } = this.#options;
    const { rejections, upFront, alsoRejectedBy } = this;
    const leftOut = upFront ? undefined : this.#leftOut;
    return new FitFailure(view.nodes.length, rejections, { upFront, leftOut, alsoRejectedBy });
  }

  failed(random: Random): FailedCycle {
    return {
      rejections: this.rejections,
      filterings: this.filterings,
      fits: (node) => this.fits(node),
      hasPrepared: (plugin) => this.#prepared.has(plugin),
      random,
    };
  }
}

function namedNodes(names: ReadonlySet<string>, view: ClusterView): NodeInfo[] {
  const found: NodeInfo[] = [];
  for (const name of names) {
    const node = view.node(name);
    if (node) found.push(node);
  }
  return found;
}

/**
 * How many nodes must pass before the search ends: all up to a hundred, then 50 % falling to 5 % as clusters
 * grow.
 */
export function sampleSize(nodeCount: number, percentage: number): number {
  if (nodeCount < sampledNodesMin) return nodeCount;
  const percent = percentage || Math.max(sampledPercentMin, 50 - Math.trunc(nodeCount / 125));
  if (percent >= 100) return nodeCount;
  return Math.max(sampledNodesMin, Math.trunc((nodeCount * percent) / 100));
}
