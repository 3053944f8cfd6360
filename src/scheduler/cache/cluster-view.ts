/** What plugins may look at: the nodes with their pods, and what is counted of them. */

import type { Labels } from '#api/selectors/selector.ts';
import type { Outside } from './listers.ts';
import type { NodeInfo } from './node-info.ts';
import type { Nominations } from './nominations.ts';
import type { PodInfo } from './pod-info.ts';
import type { CountsByValue, TopologyCounts } from './topology-counts.ts';

export interface ClusterView {
  /** Zones take turns in it, so that a sample of it is spread over them. */
  readonly nodes: readonly NodeInfo[];
  readonly nominations: Nominations;
  node(name: string): NodeInfo | undefined;
  readonly topology: TopologyCounts;
  /** How many pods that match run in each value of a topology key; see `TopologyCounts.count`. */
  countPods(signature: string, topologyKey: string, matches: (pod: PodInfo) => boolean): CountsByValue;
  /** How many nodes have the label, and how many different values it has. */
  nodesWithLabel(key: string): number;
  labelValues(key: string): number;
  /** Nodes that have an image, by `repository:tag`. */
  imageNodeCount(name: string): number;
  readonly labelsOfNamespace: (namespace: string) => Labels;
  /** Objects that are only looked up. */
  readonly outside: Outside;
  /** Those of `pods` whose going, one after the other, would overdraw a disruption budget. */
  brokenByRemoving(pods: readonly PodInfo[]): Set<PodInfo>;
}
