/** What plugins may read: the nodes with their pods, and counts over them. */

import type { Labels } from '#api/selectors/selector.ts';
import type { Listers } from './listers.ts';
import type { NodeInfo } from './node-info.ts';
import type { Nominations } from './nominations.ts';
import type { PodInfo } from './pod-info.ts';
import type { CountsByValue, TopologyCounts } from './topology-counts.ts';

export interface ClusterView {
  /** Alternating between zones, so that a sample of it is spread over them. */
  readonly nodes: readonly NodeInfo[];
  readonly nominations: Nominations;
  node(name: string): NodeInfo | undefined;
  readonly topology: TopologyCounts;
  /** How many matching pods run in each value of a topology key; see `TopologyCounts.count`. */
  countPods(signature: string, topologyKey: string, matches: (pod: PodInfo) => boolean): CountsByValue;
  /** How many nodes have the label, and how many different values it has. */
  nodesWithLabel(key: string): number;
  labelValues(key: string): number;
  /** Number of nodes that have an image, by `repository:tag`. */
  imageNodeCount(name: string): number;
  readonly labelsOfNamespace: (namespace: string) => Labels;
  /** Listers for objects that the cache does not hold. */
  readonly listers: Listers;
  /** The pods whose removal, one after the other, would violate a PodDisruptionBudget. */
  budgetsViolatedBy(pods: readonly PodInfo[]): Set<PodInfo>;
}
