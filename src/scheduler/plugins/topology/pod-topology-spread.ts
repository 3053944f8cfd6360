/**
 * PodTopologySpread: spreads matching pods over zones, hosts or any other topology domain.
 *
 * DoNotSchedule constraints filter; ScheduleAnyway ones score. For a pod without constraints that belongs to a
 * Service or a workload those of the plugin's arguments hold; upstream's, unless configured: hosts (skew 3) and zones
 * (skew 5), which only score. Reads pods and node labels; for the defaults Services and workloads.
 */

import type { SpreadArguments } from '#api/configuration/scheduler/spread-arguments.ts';
import type { Node, TopologySpreadConstraint } from '#api/generated/types.gen.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { addTo } from '../../cache/topology-counts.ts';
import {
  definePlugin,
  type Filtering,
  Rejection,
  type SchedulerPlugin,
  type Scoring,
  scoreMax,
} from '../../framework.ts';
import { compileSpread, type Domains, domainsOf, type SpreadConstraint } from './spread-constraints.ts';

const name = 'PodTopologySpread';
const tooUneven = new Rejection(name, ["node(s) didn't match pod topology spread constraints"]);
const noLabel = new Rejection(
  name,
  ["node(s) didn't match pod topology spread constraints (missing required label)"],
  true,
);

export function podTopologySpread({
  defaultConstraints,
  isSystemDefaulted,
}: SpreadArguments): SchedulerPlugin {
  const hardDefaults = defaultConstraints.filter(isHard);
  const softDefaults = defaultConstraints.filter((constraint) => !isHard(constraint));
  const defaultsOf = (pod: PodInfo, view: ClusterView, defaults: readonly TopologySpreadConstraint[]) => {
    const labelSelector = defaults.length > 0 ? view.listers.workloadSelector(pod) : undefined;
    return labelSelector ? defaults.map((each) => compileSpread(pod, { ...each, labelSelector })) : [];
  };
  const involves = (pod: PodInfo, now: PodInfo | undefined, old: PodInfo | undefined) => {
    const own = ownHard(pod);
    // The selector of the defaults is deduced when the pod is scheduled.
    if (own.length === 0 && hardDefaults.length > 0) return (now ?? old)?.namespace === pod.namespace;
    return own.some(({ matches }) => counts(matches, now) !== counts(matches, old));
  };
  return definePlugin({
    name,
    weight: 2,
    hints: [
      {
        kinds: ['Pod/AssignedAdd', 'Pod/AssignedUpdate', 'Pod/AssignedDelete'],
        helps: (pod, { pod: now, oldPod }) => involves(pod, now, oldPod),
      },
      {
        kinds: ['Node/Add', 'Node/Delete', 'Node/Labels', 'Node/Taints'],
        helps(pod, { node, oldNode }) {
          const own = ownHard(pod);
          const hard = own.length > 0 ? own : hardDefaults;
          return movesDomains(
            hard.map((constraint) => constraint.topologyKey),
            node?.node,
            oldNode,
          );
        },
      },
    ],
    preFilter(pod, view) {
      const constraints = hasOwn(pod) ? ownHard(pod) : defaultsOf(pod, view, hardDefaults);
      return constraints.length === 0 ? undefined : new Spread(pod, constraints, view);
    },
    preScore(pod, nodes, view) {
      const constraints = hasOwn(pod)
        ? compileAll(pod, (constraint) => !isHard(constraint))
        : defaultsOf(pod, view, softDefaults);
      if (constraints.length === 0) return undefined;
      return scoring(constraints, nodes, view, hasOwn(pod) || !isSystemDefaulted);
    },
  });
}

function isHard({ whenUnsatisfiable }: TopologySpreadConstraint): boolean {
  return whenUnsatisfiable === 'DoNotSchedule';
}

function hasOwn({ pod }: PodInfo): boolean {
  return (pod.spec?.topologySpreadConstraints ?? []).length > 0;
}

function compileAll(
  pod: PodInfo,
  isWanted: (constraint: TopologySpreadConstraint) => boolean,
): SpreadConstraint[] {
  return (pod.pod.spec?.topologySpreadConstraints ?? [])
    .filter(isWanted)
    .map((constraint) => compileSpread(pod, constraint));
}

/** Compiled once for a pod: hints are asked at every event. */
const compiledHard = new WeakMap<PodInfo, readonly SpreadConstraint[]>();

function ownHard(pod: PodInfo): readonly SpreadConstraint[] {
  let constraints = compiledHard.get(pod);
  if (!constraints) {
    constraints = compileAll(pod, isHard);
    compiledHard.set(pod, constraints);
  }
  return constraints;
}

function counts(matches: SpreadConstraint['matches'], pod: PodInfo | undefined): boolean {
  return pod !== undefined && matches(pod);
}

/**
 * Does the change of a node add, remove or move it in the domains of these keys, or change a counted node's
 * taints?
 */
function movesDomains(keys: readonly string[], now: Node | undefined, old: Node | undefined): boolean {
  const hasAll = (node: Node | undefined) =>
    node !== undefined && keys.every((key) => node.metadata?.labels?.[key] !== undefined);
  if (hasAll(now) !== hasAll(old)) return true;
  if (!hasAll(now)) return false;
  const described = (node: Node | undefined) =>
    JSON.stringify([keys.map((key) => node?.metadata?.labels?.[key]), node?.spec?.taints ?? []]);
  return described(now) !== described(old);
}

class Spread implements Filtering {
  readonly #parts: {
    readonly constraint: SpreadConstraint;
    readonly domains: Domains;
    readonly selfMatch: number;
    /** Differences of a preemption trial. */
    readonly trial: Map<string, number>;
    least: number;
  }[];
  readonly #keys: readonly string[];

  constructor(pod: PodInfo, constraints: readonly SpreadConstraint[], view: ClusterView) {
    const keys = constraints.map((constraint) => constraint.topologyKey);
    this.#keys = keys;
    this.#parts = constraints.map((constraint) => {
      const domains = domainsOf(constraint, keys, view);
      const selfMatch = constraint.matches(pod) ? 1 : 0;
      const trial = new Map<string, number>();
      return { constraint, domains, selfMatch, trial, least: leastOf(constraint, domains, trial) };
    });
  }

  filter(node: NodeInfo): Rejection | undefined {
    for (const { constraint, domains, selfMatch, trial, least } of this.#parts) {
      const value = node.labels[constraint.topologyKey];
      if (value === undefined) return noLabel;
      const count = (domains.counts.get(value) ?? 0) + (trial.get(value) ?? 0);
      if (count + selfMatch - least > constraint.maxSkew) return tooUneven;
    }
    return undefined;
  }

  addPod(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, 1);
  }

  removePod(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, -1);
  }

  #change(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    // As when domains are counted: only nodes with every key.
    if (this.#keys.some((key) => node.labels[key] === undefined)) return;
    for (const part of this.#parts) {
      const value = node.labels[part.constraint.topologyKey]!;
      if (!part.constraint.matches(pod)) continue;
      if (part.constraint.includes?.(node) === false) continue;
      addTo(part.trial, value, by);
      part.least = leastOf(part.constraint, part.domains, part.trial);
    }
  }
}

/** The smallest count of any domain; 0 while there are fewer domains than wanted. */
function leastOf(
  constraint: SpreadConstraint,
  { counts, size }: Domains,
  trial: Map<string, number>,
): number {
  if (size < constraint.minDomains) return 0;
  let filled = counts.size;
  let least = Number.POSITIVE_INFINITY;
  for (const [value, count] of counts) least = Math.min(least, count + (trial.get(value) ?? 0));
  for (const [value, count] of trial) {
    if (counts.has(value)) continue;
    filled++;
    least = Math.min(least, count);
  }
  return filled < size || least === Number.POSITIVE_INFINITY ? 0 : least;
}

/**
 * `allKeys`: a node without one of the keys gets no points; the default constraints count only the keys that
 * it has.
 */
function scoring(
  constraints: readonly SpreadConstraint[],
  nodes: readonly NodeInfo[],
  view: ClusterView,
  allKeys: boolean,
): Scoring {
  const keys = constraints.map((constraint) => constraint.topologyKey);
  const ignored = (node: NodeInfo) => allKeys && keys.some((key) => node.labels[key] === undefined);
  const parts = constraints.map((constraint) => {
    const { counts } = domainsOf(constraint, allKeys ? keys : [constraint.topologyKey], view);
    const values = new Set<string>();
    for (const node of nodes) {
      const value = node.labels[constraint.topologyKey];
      if (value !== undefined && !ignored(node)) values.add(value);
    }
    // Upstream's weight: with more domains, each domain's count weighs more, or hosts would never matter
    // beside zones.
    return { constraint, counts, weight: Math.log(values.size + 2) };
  });
  return {
    score(node) {
      if (ignored(node)) return -1;
      let sum = 0;
      for (const { constraint, counts, weight } of parts) {
        const value = node.labels[constraint.topologyKey];
        if (value !== undefined) sum += (counts.get(value) ?? 0) * weight + (constraint.maxSkew - 1);
      }
      return Math.round(sum);
    },
    normalize: turnAround,
  };
}

/** The lowest count becomes 100; ignored nodes, marked by -1, get 0. */
function turnAround(scores: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const score of scores) {
    if (score < 0) continue;
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score < 0) scores[i] = 0;
    else scores[i] = most === 0 ? scoreMax : Math.trunc((scoreMax * (most + least - score)) / most);
  }
}
