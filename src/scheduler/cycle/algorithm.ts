/**
 * Finds the node for one pod: filters a sample of the nodes, scores those that pass, takes one of the best.
 *
 * 1. Each plugin's preFilter prepares for the pod, rejects it, or limits the nodes.
 * 2. Nodes are filtered from where the last cycle stopped, until enough have passed (upstream's sampling).
 * 3. One left: taken. More: the highest weighted sum of normalized scores, at random among equals.
 * 4. None: postFilter plugins may make room.
 */

import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import type { ClusterView } from '../cache/cluster-view.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { type FailedCycle, type Filtering, Rejection, type SchedulerPlugin } from '../framework.ts';
import type { ExtensionPoint, PointStatus } from '../metrics/scheduler-metrics.ts';
import { FitFailure } from './fit-failure.ts';
import { placeFor, runFilters, takeAway } from './trial.ts';

const sampledNodesMin = 100;
const sampledPercentMin = 5;

export interface AlgorithmOptions {
  readonly plugins: readonly SchedulerPlugin[];
  readonly random: Random;
  /** 0: computed from the number of nodes. */
  readonly percentageOfNodesToScore?: number;
  readonly timing?: PointTiming | undefined;
}

/** Measures the extension points. */
export interface PointTiming {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  ran(point: ExtensionPoint, status: PointStatus, ms: number): void;
}

export interface FoundNode {
  readonly node: NodeInfo;
  /** What may have to be reserved on it. */
  readonly filterings: readonly Filtering[];
}

export interface NoNode {
  readonly failure: FitFailure;
  /** Where room can be made by removing `victims`; `''` clears an earlier nomination. */
  readonly nominatedNode?: string;
  readonly victims?: readonly PodInfo[];
}

export class Algorithm {
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #random: Random;
  readonly #percentage: number;
  readonly #timing: PointTiming | undefined;
  #nextStart = 0;
  #totals = new Float64Array(0);
  #scores = new Float64Array(0);

  constructor({ plugins, random, percentageOfNodesToScore = 0, timing }: AlgorithmOptions) {
    this.#plugins = plugins;
    this.#random = random;
    this.#percentage = percentageOfNodesToScore;
    this.#timing = timing;
  }

  schedule(pod: PodInfo, view: ClusterView): FoundNode | NoNode {
    if (view.nodes.length === 0) return { failure: new FitFailure(0, new Map()), nominatedNode: '' };
    const prepared = this.#timed('PreFilter', () => this.#prepare(pod, view), statusOf);
    const random = this.#random;
    if (prepared instanceof Rejection) {
      const failure = new FitFailure(view.nodes.length, new Map(), prepared);
      const cycle = { rejections: new Map(), filterings: [], fits: () => prepared, random };
      return this.#makeRoom(pod, view, failure, cycle);
    }
    const rejections = new Map<NodeInfo, Rejection>();
    const fits = (node: NodeInfo) => this.#fits(pod, node, prepared.filterings, view);
    const feasible = this.#timed('Filter', () => this.#feasible(pod, view, prepared, rejections, fits));
    const { filterings } = prepared;
    if (feasible.length === 1) return { node: feasible[0]!, filterings };
    if (feasible.length > 0) {
      return { node: this.#timed('Score', () => this.#best(pod, feasible, view)), filterings };
    }
    const failure = new FitFailure(view.nodes.length, rejections, undefined, prepared.leftOut);
    return this.#makeRoom(pod, view, failure, { rejections, filterings, fits, random });
  }

  #prepare(pod: PodInfo, view: ClusterView): Prepared | Rejection {
    const filterings: Filtering[] = [];
    const narrowedBy: string[] = [];
    let nodeNames: ReadonlySet<string> | undefined;
    for (const plugin of this.#plugins) {
      const result = plugin.preFilter?.(pod, view);
      if (!result) continue;
      if (result instanceof Rejection) return result;
      filterings.push(result);
      if (!result.nodeNames) continue;
      narrowedBy.push(plugin.name);
      nodeNames = nodeNames ? nodeNames.intersection(result.nodeNames) : result.nodeNames;
    }
    if (!nodeNames) return { filterings };
    const names = narrowedBy.sort().join(' ');
    const reason = `node(s) didn't satisfy plugin(s) [${names}]`;
    return { filterings, nodeNames, leftOut: new Rejection(narrowedBy[0]!, [reason], true) };
  }

  #feasible(
    pod: PodInfo,
    view: ClusterView,
    prepared: Prepared,
    rejections: Map<NodeInfo, Rejection>,
    fits: (node: NodeInfo) => Rejection | undefined,
  ): NodeInfo[] {
    const nominated = view.node(view.nominations.nodeOf(pod.key) ?? '');
    if (nominated && !fits(nominated)) return [nominated];
    const nodes = prepared.nodeNames ? namedNodes(prepared.nodeNames, view) : view.nodes;
    const wanted = sampleSize(nodes.length, this.#percentage);
    const feasible: NodeInfo[] = [];
    const start = this.#nextStart % Math.max(1, nodes.length);
    let looked = 0;
    while (looked < nodes.length && feasible.length < wanted) {
      let place = start + looked++;
      if (place >= nodes.length) place -= nodes.length;
      const node = nodes[place]!;
      const rejection = fits(node);
      if (rejection) rejections.set(node, rejection);
      else feasible.push(node);
    }
    this.#nextStart = start + looked;
    return feasible;
  }

  /**
   * Nominated pods of at least this priority are counted in. The pod must also fit without them:
   * they may never be bound there, and an affinity to them would then not hold.
   */
  #fits(
    pod: PodInfo,
    node: NodeInfo,
    filterings: readonly Filtering[],
    view: ClusterView,
  ): Rejection | undefined {
    if (view.nominations.size > 0) {
      const promised = view.nominations
        .on(node.name)
        .filter((other) => other.priority >= pod.priority && other.key !== pod.key);
      if (promised.length > 0) {
        for (const other of promised) placeFor(filterings, other, node);
        const rejection = runFilters(filterings, node);
        for (const other of promised) takeAway(filterings, other, node);
        if (rejection) return rejection;
      }
    }
    return runFilters(filterings, node);
  }

  #best(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): NodeInfo {
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
    return nodes[this.#pickBest(totals)]!;
  }

  /** Picks among equals with equal probability, in one pass. */
  #pickBest(totals: Float64Array): number {
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
    return best;
  }

  #timed<T>(point: ExtensionPoint, run: () => T, status: (result: T) => PointStatus = succeeded): T {
    const timing = this.#timing;
    if (!timing) return run();
    const beganMs = timing.clock.monotonicMs();
    const result = run();
    timing.ran(point, status(result), timing.clock.monotonicMs() - beganMs);
    return result;
  }

  #makeRoom(pod: PodInfo, view: ClusterView, failure: FitFailure, cycle: FailedCycle): NoNode {
    return this.#timed(
      'PostFilter',
      () => this.#runPostFilters(pod, view, failure, cycle),
      ({ nominatedNode }) => (nominatedNode ? 'Success' : 'Unschedulable'),
    );
  }

  #runPostFilters(pod: PodInfo, view: ClusterView, failure: FitFailure, cycle: FailedCycle): NoNode {
    const messages: string[] = [];
    let nominatedNode: string | undefined;
    for (const plugin of this.#plugins) {
      const result = plugin.postFilter?.(pod, view, cycle);
      if (!result) continue;
      if (result.nominatedNode) return { failure, ...result };
      messages.push(result.message);
      nominatedNode ??= result.nominatedNode;
    }
    failure.postFilterMessage = messages.join(', ');
    return nominatedNode === undefined ? { failure } : { failure, nominatedNode };
  }
}

function statusOf(result: object): PointStatus {
  if (!(result instanceof Rejection)) return 'Success';
  return result.unresolvable ? 'UnschedulableAndUnresolvable' : 'Unschedulable';
}

function succeeded(): PointStatus {
  return 'Success';
}

interface Prepared {
  readonly filterings: readonly Filtering[];
  readonly nodeNames?: ReadonlySet<string>;
  readonly leftOut?: Rejection;
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
