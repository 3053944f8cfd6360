/**
 * Finds the node for one pod: filters a sample of the nodes, scores those that pass, takes one of the best.
 *
 * 1. Nodes that the pod fits are searched (`search.ts`).
 * 2. One left: taken. More: the highest weighted sum of normalized scores, at random among equals.
 * 3. None: postFilter plugins may make room.
 *
 * A pod that no extender is interested in takes one synchronous cycle; with extenders `extended-cycle.ts` goes through
 * the same steps.
 */

import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import type { ClusterView } from '../cache/cluster-view.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type {
  FailedCycle,
  Filtering,
  PostFilterResult,
  PreemptionCandidate,
  Rejection,
  SchedulerPlugin,
} from '../framework.ts';
import type { ExtensionPoint, PointStatus } from '../metrics/scheduler-metrics.ts';
import { FitFailure } from './fit-failure.ts';
import { NodeScores } from './node-scores.ts';
import { Search } from './search.ts';

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
  /** Of the preemption that chose `nominatedNode`. */
  readonly candidates?: readonly PreemptionCandidate[];
  /** Makes room by other means; an event follows. */
  readonly write?: PostFilterResult['write'];
}

export class Algorithm {
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #random: Random;
  readonly #percentage: number;
  readonly #timing: PointTiming | undefined;
  readonly #start = { at: 0 };
  readonly scores: NodeScores;

  constructor({ plugins, random, percentageOfNodesToScore = 0, timing }: AlgorithmOptions) {
    this.#plugins = plugins;
    this.#random = random;
    this.#percentage = percentageOfNodesToScore;
    this.#timing = timing;
    this.scores = new NodeScores(plugins, random);
  }

  schedule(pod: PodInfo, view: ClusterView): FoundNode | NoNode {
    if (view.nodes.length === 0) return noNodes();
    const search = this.begin(pod, view);
    if (search.upFront) return this.makeRoom(pod, view, search);
    const { filterings } = search;
    const feasible = this.timed('Filter', () => feasibleIn(search));
    if (feasible.length === 1) return { node: feasible[0]!, filterings };
    if (feasible.length === 0) return this.makeRoom(pod, view, search);
    const best = () => this.scores.best(feasible, this.scores.totals(pod, feasible, view));
    return { node: this.timed('Score', best), filterings };
  }

  /** A search that the plugins have prepared, or rejected (`upFront`). */
  begin(pod: PodInfo, view: ClusterView): Search {
    const search = new Search({ pod, view, percentage: this.#percentage, start: this.#start });
    this.timed('PreFilter', () => search.prepare(this.#plugins), statusOf);
    return search;
  }

  /** Runs the postFilter plugins: no node is left. */
  makeRoom(pod: PodInfo, view: ClusterView, search: Search): NoNode {
    return this.timed(
      'PostFilter',
      () => this.#runPostFilters(pod, view, search.failure(), search.failed(this.#random)),
      ({ nominatedNode }) => (nominatedNode ? 'Success' : 'Unschedulable'),
    );
  }

  timed<T>(point: ExtensionPoint, run: () => T, status: (result: T) => PointStatus = succeeded): T {
    const timing = this.#timing;
    if (!timing) return run();
    const beganMs = timing.clock.monotonicMs();
    const result = run();
    timing.ran(point, status(result), timing.clock.monotonicMs() - beganMs);
    return result;
  }

  /** The first that makes room, or fails, is the last. */
  #runPostFilters(pod: PodInfo, view: ClusterView, failure: FitFailure, cycle: FailedCycle): NoNode {
    const messages: string[] = [];
    let nominatedNode: string | undefined;
    let write: PostFilterResult['write'];
    for (const plugin of this.#plugins) {
      const result: PostFilterResult | undefined = plugin.postFilter?.(pod, view, cycle);
      if (!result) continue;
      if (result.nominatedNode) return { failure, ...result };
      if (result.isError) {
        failure.postFilterMessage = result.message;
        return { failure };
      }
      messages.push(result.message);
      nominatedNode ??= result.nominatedNode;
      write ??= result.write;
    }
    failure.postFilterMessage = messages.join(', ');
    const nominated = nominatedNode === undefined ? {} : { nominatedNode };
    return { failure, ...nominated, ...(write ? { write } : {}) };
  }
}

export function noNodes(): NoNode {
  return { failure: new FitFailure(0, new Map()), nominatedNode: '' };
}

function feasibleIn(search: Search): NodeInfo[] {
  const nominated = search.nominated();
  return nominated ? [nominated] : search.feasible();
}

function statusOf(result: Rejection | undefined): PointStatus {
  if (!result) return 'Success';
  return result.unresolvable ? 'UnschedulableAndUnresolvable' : 'Unschedulable';
}

function succeeded(): PointStatus {
  return 'Success';
}
