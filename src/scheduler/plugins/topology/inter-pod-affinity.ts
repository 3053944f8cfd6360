/**
 * InterPodAffinity: places pods together or apart by topology, by their own terms and those of pods already
 * placed.
 *
 * Reads pods, their terms, node labels and namespace labels. Counts come from `TopologyCounts`; a preemption
 * trial is a difference on top of them. How much the required affinity of a placed pod counts when scoring is
 * an argument.
 */

import type { PluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type { Labels } from '#api/selectors/selector.ts';
import { type AffinityTerm, termMatches } from '../../cache/affinity-terms.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { addTo, type CountsByValue } from '../../cache/topology-counts.ts';
import { definePlugin, type Filtering, Rejection, type Scoring, scoreMax } from '../../framework.ts';

const name = 'InterPodAffinity';
const noAffinity = new Rejection(name, ["node(s) didn't match pod affinity rules"], true);
const hasAnti = new Rejection(name, ["node(s) didn't match pod anti-affinity rules"]);
const placedAnti = new Rejection(name, ["node(s) didn't satisfy existing pods anti-affinity rules"]);

type Arguments = PluginArguments['interPodAffinity'];

export const interPodAffinity = (args: Arguments) =>
  definePlugin({
    name,
    weight: 2,
    hints: [
      {
        kinds: ['Pod/AssignedAdd', 'Pod/AssignedUpdate'],
        helps: (pod, { pod: now, oldPod }) => fulfils(pod, now, oldPod) || relents(pod, now, oldPod),
      },
      {
        kinds: ['Pod/AssignedDelete'],
        helps: (pod, { pod: gone }) => relents(pod, undefined, gone) || fulfils(pod, gone, undefined),
      },
      {
        kinds: ['Node/Add', 'Node/Labels'],
        helps: (pod, { node, oldNode }) =>
          !!node && movesTopology(pod, node, oldNode && (oldNode.metadata.labels ?? {})),
      },
    ],
    preFilter(pod, view) {
      const own = pod.affinity;
      const hasOwn = own && (own.required.length > 0 || own.requiredAnti.length > 0);
      const placed = placedAgainst(pod, view);
      if (!hasOwn && placed.length === 0 && !view.topology.hasTerms('requiredAnti')) return undefined;
      return new Rules(pod, view, placed);
    },
    preScore: (pod, _nodes, view) => scoring(pod, view, args),
  });

/** Labels of namespaces are not at hand at an event: a term that selects namespaces takes any of them. */
function mayMatch(term: AffinityTerm, { namespace, labels }: PodInfo): boolean {
  return (term.namespaces.has(namespace) || term.namespaceSelector !== undefined) && term.selector(labels);
}

/**
 * Does the placed pod come to match all required affinity of `pod`? A deleted pod that matched counts too:
 * without it, `pod` may be the first of its group.
 */
function fulfils(pod: PodInfo, now: PodInfo | undefined, old: PodInfo | undefined): boolean {
  const terms = pod.affinity?.required ?? [];
  const matchesAll = (other: PodInfo | undefined) =>
    other !== undefined && terms.length > 0 && terms.every((term) => mayMatch(term, other));
  return matchesAll(now) && !matchesAll(old);
}

/** Does the change of a placed pod end a conflict with the anti-affinity of either? */
function relents(pod: PodInfo, now: PodInfo | undefined, old: PodInfo | undefined): boolean {
  if (!old) return false;
  const isFreed = (pod.affinity?.requiredAnti ?? []).some(
    (term) => mayMatch(term, old) && !(now && mayMatch(term, now)),
  );
  return isFreed || (!now && (old.affinity?.requiredAnti ?? []).some((term) => mayMatch(term, pod)));
}

/**
 * Does the added or relabelled node change a topology that the pod's terms name? A pod without terms was
 * rejected by those of placed pods: any such node may be free of them.
 */
function movesTopology(pod: PodInfo, node: NodeInfo, oldLabels: Labels | undefined): boolean {
  const { required = [], requiredAnti = [] } = pod.affinity ?? {};
  if (required.length === 0 && requiredAnti.length === 0) return true;
  const isAdded = oldLabels === undefined;
  const joins = required.some(({ topologyKey: key }) => {
    const value = node.labels[key];
    return value !== undefined && value !== oldLabels?.[key];
  });
  const leaves = requiredAnti.some(({ topologyKey: key }) => {
    const value = oldLabels?.[key];
    return isAdded || (value !== undefined && value !== node.labels[key]);
  });
  return joins || leaves;
}

/** Counts of matching pods, with the differences of a trial. */
class Counter {
  readonly topologyKey: string;
  readonly #matches: (pod: PodInfo) => boolean;
  readonly #counts: readonly CountsByValue[];
  readonly #trial = new Map<string, number>();

  constructor(topologyKey: string, counts: readonly CountsByValue[], matches: (pod: PodInfo) => boolean) {
    this.topologyKey = topologyKey;
    this.#counts = counts;
    this.#matches = matches;
  }

  at(value: string): number {
    let sum = this.#trial.size === 0 ? 0 : (this.#trial.get(value) ?? 0);
    for (const counts of this.#counts) sum += counts.get(value) ?? 0;
    return sum;
  }

  get isEmpty(): boolean {
    if (this.#trial.size === 0) return this.#counts.every((counts) => counts.size === 0);
    return this.#counts.every((counts) => [...counts.keys()].every((value) => this.at(value) === 0));
  }

  change(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    const value = node.labels[this.topologyKey];
    if (value !== undefined && this.#matches(pod)) addTo(this.#trial, value, by);
  }
}

class Rules implements Filtering {
  readonly #affinity: readonly Counter[];
  readonly #anti: readonly Counter[];
  readonly #placed: readonly Counter[];
  readonly #matchesItself: boolean;

  constructor(pod: PodInfo, view: ClusterView, placed: readonly Counter[]) {
    const means = (term: AffinityTerm, other: PodInfo) => termMatches(term, other, view.labelsOfNamespace);
    const required = pod.affinity?.required ?? [];
    // Upstream counts only pods that every required term selects.
    const selectedByAll = (other: PodInfo) => required.every((term) => means(term, other));
    const signature = required.map((term) => term.signature).join();
    this.#affinity = required.map(
      ({ topologyKey }) =>
        new Counter(topologyKey, [view.countPods(signature, topologyKey, selectedByAll)], selectedByAll),
    );
    this.#anti = (pod.affinity?.requiredAnti ?? []).map((term) => {
      const matches = (other: PodInfo) => means(term, other);
      return new Counter(
        term.topologyKey,
        [view.countPods(term.signature, term.topologyKey, matches)],
        matches,
      );
    });
    this.#placed = placed;
    this.#matchesItself = selectedByAll(pod);
  }

  filter(node: NodeInfo): Rejection | undefined {
    if (!this.#affinityHolds(node)) return noAffinity;
    for (const counter of this.#anti) if (isIn(counter, node)) return hasAnti;
    for (const counter of this.#placed) if (isIn(counter, node)) return placedAnti;
    return undefined;
  }

  addPod(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, 1);
  }

  removePod(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, -1);
  }

  #change(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    for (const counter of this.#affinity) counter.change(pod, node, by);
    for (const counter of this.#anti) counter.change(pod, node, by);
    for (const counter of this.#placed) counter.change(pod, node, by);
  }

  /** The first pod of a group whose affinity selects only its own group may be placed anywhere. */
  #affinityHolds(node: NodeInfo): boolean {
    let together = true;
    for (const counter of this.#affinity) {
      const value = node.labels[counter.topologyKey];
      if (value === undefined) return false;
      if (counter.at(value) <= 0) together = false;
    }
    return together || (this.#matchesItself && this.#affinity.every((counter) => counter.isEmpty));
  }
}

function isIn(counter: Counter, node: NodeInfo): boolean {
  const value = node.labels[counter.topologyKey];
  return value !== undefined && counter.at(value) > 0;
}

/** One counter for each topology key for the required anti-affinity of placed pods that selects this pod. */
function placedAgainst(pod: PodInfo, view: ClusterView): Counter[] {
  const means = (term: AffinityTerm) => termMatches(term, pod, view.labelsOfNamespace);
  const byKey = new Map<string, CountsByValue[]>();
  for (const { term, counts } of view.topology.placedTerms('requiredAnti')) {
    if (!means(term)) continue;
    const known = byKey.get(term.topologyKey);
    if (known) known.push(counts);
    else byKey.set(term.topologyKey, [counts]);
  }
  return [...byKey].map(([key, counts]) => {
    const matches = (other: PodInfo) =>
      other.affinity?.requiredAnti.some((term) => term.topologyKey === key && means(term)) === true;
    return new Counter(key, counts, matches);
  });
}

interface Weighed {
  readonly topologyKey: string;
  readonly counts: CountsByValue;
  readonly weight: number;
}

function scoring(pod: PodInfo, view: ClusterView, args: Arguments): Scoring | undefined {
  const { preferred = [], preferredAnti = [] } = pod.affinity ?? {};
  if (args.ignorePreferredTermsOfExistingPods && preferred.length + preferredAnti.length === 0) {
    return undefined;
  }
  const weighed = [...ownPreferences(pod, view), ...placedPreferences(pod, view, args)].filter(
    ({ counts }) => counts.size > 0,
  );
  if (weighed.length === 0) return undefined;
  return {
    score(node) {
      let sum = 0;
      for (const { topologyKey, counts, weight } of weighed) {
        const value = node.labels[topologyKey];
        if (value !== undefined) sum += weight * (counts.get(value) ?? 0);
      }
      return sum;
    },
    normalize: spreadOut,
  };
}

function ownPreferences(pod: PodInfo, view: ClusterView): Weighed[] {
  const weigh = (term: AffinityTerm, sign: 1 | -1): Weighed => {
    const matches = (other: PodInfo) => termMatches(term, other, view.labelsOfNamespace);
    const counts = view.countPods(term.signature, term.topologyKey, matches);
    return { topologyKey: term.topologyKey, counts, weight: sign * term.weight };
  };
  const { preferred = [], preferredAnti = [] } = pod.affinity ?? {};
  return [...preferred.map((term) => weigh(term, 1)), ...preferredAnti.map((term) => weigh(term, -1))];
}

function placedPreferences(pod: PodInfo, view: ClusterView, { hardPodAffinityWeight }: Arguments): Weighed[] {
  const preferences: Weighed[] = [];
  const collect = (
    kind: 'required' | 'preferred' | 'preferredAnti',
    weightOf: (term: AffinityTerm) => number,
  ) => {
    for (const { term, counts } of view.topology.placedTerms(kind)) {
      if (!termMatches(term, pod, view.labelsOfNamespace)) continue;
      preferences.push({ topologyKey: term.topologyKey, counts, weight: weightOf(term) });
    }
  };
  if (hardPodAffinityWeight > 0) collect('required', () => hardPodAffinityWeight);
  collect('preferred', (term) => term.weight);
  collect('preferredAnti', (term) => -term.weight);
  return preferences;
}

/** Scales to 0…100: the lowest becomes 0, the highest 100. */
function spreadOut(scores: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  const range = most - least;
  for (let i = 0; i < scores.length; i++) {
    scores[i] = range > 0 ? Math.trunc((scoreMax * (scores[i]! - least)) / range) : 0;
  }
}
