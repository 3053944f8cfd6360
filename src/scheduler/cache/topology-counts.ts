/**
 * How many pods of a description run in each value of a topology key, updated pod by pod.
 *
 * Affinity and spreading need these counts for every pod they place; counting from scratch would read every
 * pod of the cluster. A description is counted from its first use on; the least recently used is dropped when
 * there are many.
 */

import type { AffinityTerm, AffinityTerms } from './affinity-terms.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

type Labels = Readonly<Record<string, string>>;
export type CountsByValue = ReadonlyMap<string, number>;

const descriptionsMax = 64;

interface Described {
  readonly topologyKey: string;
  readonly matches: (pod: PodInfo) => boolean;
  readonly counts: Map<string, number>;
}

/** A term of placed pods, and their counts. */
export interface PlacedTerm {
  readonly term: AffinityTerm;
  readonly counts: CountsByValue;
}

export type TermKind = keyof AffinityTerms;
const termKinds: readonly TermKind[] = ['required', 'requiredAnti', 'preferred', 'preferredAnti'];

export class TopologyCounts {
  readonly #described = new Map<string, Described>();
  readonly #terms: Record<TermKind, Map<string, { term: AffinityTerm; counts: Map<string, number> }>> = {
    required: new Map(),
    requiredAnti: new Map(),
    preferred: new Map(),
    preferredAnti: new Map(),
  };

  /** `signature` identifies the description: equal signatures must mean equal matchers. */
  count(
    signature: string,
    topologyKey: string,
    matches: (pod: PodInfo) => boolean,
    nodes: Iterable<NodeInfo>,
  ): CountsByValue {
    const key = `${topologyKey}\0${signature}`;
    let described = this.#described.get(key);
    // Deleted and inserted again: the map's order is the order of last use.
    if (described) this.#described.delete(key);
    else described = countAll(topologyKey, matches, nodes);
    this.#described.set(key, described);
    const [oldest] = this.#described.keys();
    if (this.#described.size > descriptionsMax && oldest !== undefined) this.#described.delete(oldest);
    return described.counts;
  }

  placedTerms(kind: TermKind): Iterable<PlacedTerm> {
    return this.#terms[kind].values();
  }

  hasTerms(kind: TermKind): boolean {
    return this.#terms[kind].size > 0;
  }

  podAdded(pod: PodInfo, labels: Labels): void {
    this.#change(pod, labels, 1);
  }

  podRemoved(pod: PodInfo, labels: Labels): void {
    this.#change(pod, labels, -1);
  }

  /** Labels of namespaces changed, which descriptions may depend on. */
  forgetDescriptions(): void {
    this.#described.clear();
  }

  #change(pod: PodInfo, labels: Labels, by: 1 | -1): void {
    for (const { topologyKey, matches, counts } of this.#described.values()) {
      const value = labels[topologyKey];
      if (value !== undefined && matches(pod)) addTo(counts, value, by);
    }
    if (!pod.affinity) return;
    for (const kind of termKinds) {
      for (const term of pod.affinity[kind]) this.#changeTerm(kind, term, labels, by);
    }
  }

  #changeTerm(kind: TermKind, term: AffinityTerm, labels: Labels, by: 1 | -1): void {
    const value = labels[term.topologyKey];
    if (value === undefined) return;
    let placed = this.#terms[kind].get(term.signature);
    if (!placed) {
      placed = { term, counts: new Map() };
      this.#terms[kind].set(term.signature, placed);
    }
    addTo(placed.counts, value, by);
    if (placed.counts.size === 0) this.#terms[kind].delete(term.signature);
  }
}

function countAll(
  topologyKey: string,
  matches: (pod: PodInfo) => boolean,
  nodes: Iterable<NodeInfo>,
): Described {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const value = node.labels[topologyKey];
    if (value === undefined) continue;
    for (const pod of node.pods.values()) if (matches(pod)) addTo(counts, value, 1);
  }
  return { topologyKey, matches, counts };
}

/** Zero counts are removed. */
export function addTo(counts: Map<string, number>, value: string, by: number): void {
  const count = (counts.get(value) ?? 0) + by;
  if (count === 0) counts.delete(value);
  else counts.set(value, count);
}
