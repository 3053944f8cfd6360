/**
 * Searches that one cycle could not finish, kept for the pod's next cycle. They go on as long as neither devices
 * nor claims have changed.
 */

import type { PodInfo } from '../../cache/pod-info.ts';
import type { Claim } from './claims-of-pod.ts';
import type { NodeSearch } from './node-search.ts';

export interface Searches {
  readonly revision: number;
  readonly claims: readonly Claim[];
  /** By name of the node. */
  readonly byNode: Map<string, NodeSearch>;
  /** By node, what the pod's earlier searches took: a search that has to begin again is not for ever. */
  readonly spentMs: ReadonlyMap<string, number>;
}

/** Pods whose searches are kept; those of the pod that has waited longest begin again. */
const podsMax = 100;

export class KeptSearches {
  readonly #byPod = new Map<string, Searches>();

  /** Takes the pod's searches out: those of this state of the cluster, or none. */
  take({ uid }: PodInfo, revision: number, claims: readonly Claim[]): Searches {
    const kept = this.#byPod.get(uid);
    this.#byPod.delete(uid);
    const isSame = kept?.revision === revision && kept.claims.every((claim, i) => claim === claims[i]);
    if (kept && isSame) return kept;
    const spent = [...(kept?.byNode ?? [])].map(([node, search]) => [node, search.spentMs] as const);
    return { revision, claims, byNode: new Map(), spentMs: new Map(spent) };
  }

  keep({ uid }: PodInfo, searches: Searches): void {
    this.#byPod.set(uid, searches);
    const [oldest] = this.#byPod.keys();
    if (this.#byPod.size > podsMax && oldest !== undefined) this.#byPod.delete(oldest);
  }
}
