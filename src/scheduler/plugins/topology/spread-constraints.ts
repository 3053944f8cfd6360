/** Topology spread constraints with their selectors compiled, and which nodes count for them. */

import type { TopologySpreadConstraint } from '#api/generated/types.gen.ts';
import { requiredNode } from '#api/nodes/required-node.ts';
import { tolerates } from '#api/pods/tolerations.ts';
import { withLabelKeys } from '../../cache/affinity-terms.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { compileLabelSelector } from '../../cache/selectors.ts';
import { addTo, type CountsByValue } from '../../cache/topology-counts.ts';

export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** With the topology key, identifies the counts. */
  readonly signature: string;
  matches(pod: PodInfo): boolean;
  /** Does the node count, by the constraint's policies? Undefined: every node does. */
  readonly includes: ((node: NodeInfo) => boolean) | undefined;
}

export function compileSpread(pod: PodInfo, source: TopologySpreadConstraint): SpreadConstraint {
  const selector = withLabelKeys(source.labelSelector, source.matchLabelKeys, 'In', pod.pod);
  const bySelector = compileLabelSelector(selector);
  return {
    topologyKey: source.topologyKey,
    maxSkew: source.maxSkew,
    minDomains: source.minDomains ?? 1,
    signature: JSON.stringify([pod.namespace, selector]),
    matches: (other) => other.namespace === pod.namespace && !other.terminating && bySelector(other.labels),
    includes: nodeInclusion(pod, source),
  };
}

function nodeInclusion(
  pod: PodInfo,
  { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint,
): ((node: NodeInfo) => boolean) | undefined {
  const byAffinity = nodeAffinityPolicy === 'Honor' ? requiredNode(pod.pod.spec ?? {}) : undefined;
  const tolerations = pod.pod.spec?.tolerations ?? [];
  const byTaints =
    nodeTaintsPolicy === 'Honor'
      ? (node: NodeInfo) => node.hardTaints.every((taint) => tolerates(tolerations, taint))
      : undefined;
  if (!byAffinity && !byTaints) return undefined;
  return (node) => byAffinity?.(node.labels, node.name) !== false && byTaints?.(node) !== false;
}

export interface Domains {
  /** Counts of matching pods by value; values without pods are absent. */
  readonly counts: CountsByValue;
  /** Number of values, with and without pods. */
  readonly size: number;
}

/**
 * Counts matching pods by domain over the nodes that have all `keys` and that the constraint includes. When
 * that is every node, which is the usual case, the running counts are used directly.
 */
export function domainsOf(constraint: SpreadConstraint, keys: readonly string[], view: ClusterView): Domains {
  const { topologyKey, signature, matches, includes } = constraint;
  if (!includes && keys.every((key) => view.nodesWithLabel(key) === view.nodes.length)) {
    return { counts: view.countPods(signature, topologyKey, matches), size: view.labelValues(topologyKey) };
  }
  const counts = new Map<string, number>();
  const values = new Set<string>();
  for (const node of view.nodes) {
    if (includes?.(node) === false || !keys.every((key) => node.labels[key] !== undefined)) continue;
    const value = node.labels[topologyKey]!;
    values.add(value);
    for (const pod of node.pods.values()) if (matches(pod)) addTo(counts, value, 1);
  }
  return { counts, size: values.size };
}
