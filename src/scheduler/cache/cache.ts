/**
 * The scheduler's view of the cluster: nodes with their pods, including pods assumed to be bound.
 *
 * It is the live state, changed only between cycles: a cycle runs synchronously, so no snapshot is needed.
 */

import type { Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Labels } from '#api/selectors/selector.ts';
import type { ClusterView } from './cluster-view.ts';
import { violating } from './disruption-budgets.ts';
import { type Listers, noListers } from './listers.ts';
import { NodeInfo } from './node-info.ts';
import { Nominations } from './nominations.ts';
import { PodInfo } from './pod-info.ts';
import { type CountsByValue, TopologyCounts } from './topology-counts.ts';
import { interleaveZones, zoneOf } from './zones.ts';

interface PlacedPod {
  info: PodInfo;
  readonly node: NodeInfo;
  /** Assumed to run on its node; the binding has not been observed yet. */
  assumed: boolean;
}

const noLabels: Labels = {};

export class ClusterCache implements ClusterView {
  readonly nominations = new Nominations();
  readonly topology = new TopologyCounts();
  readonly labelsOfNamespace: (namespace: string) => Labels;
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #pods = new Map<string, PlacedPod>();
  readonly #imageNodes = new Map<string, number>();
  readonly listers: Listers;
  /** Counted on demand, dropped when any node's labels change. */
  readonly #labels = new Map<string, { nodes: number; values: number }>();
  #ordered: NodeInfo[] | undefined;

  constructor(listers: Listers = noListers) {
    this.listers = listers;
    this.labelsOfNamespace = (namespace) => listers.namespaceLabels(namespace) ?? noLabels;
  }

  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= interleaveZones(this.#nodes.values());
    return this.#ordered;
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node && info;
  }

  /** How many nodes and pods there are, and of how many pods the binding has not been observed yet. */
  sizes(): { nodes: number; pods: number; assumed_pods: number } {
    const assumed = this.#pods.values().filter((pod) => pod.assumed);
    return { nodes: this.#nodes.size, pods: this.#pods.size, assumed_pods: assumed.toArray().length };
  }

  imageNodeCount(name: string): number {
    return this.#imageNodes.get(name) ?? 0;
  }

  countPods(signature: string, topologyKey: string, matches: (pod: PodInfo) => boolean): CountsByValue {
    return this.topology.count(signature, topologyKey, matches, this.#nodes.values());
  }

  nodesWithLabel(key: string): number {
    return this.#labelCounts(key).nodes;
  }

  labelValues(key: string): number {
    return this.#labelCounts(key).values;
  }

  budgetsViolatedBy(pods: readonly PodInfo[]): Set<PodInfo> {
    return violating(pods, this.listers.disruptionBudgets);
  }

  /** Returns the node's info. */
  setNode(node: Stored<Node>): NodeInfo {
    const info = this.#nodeInfo(node.metadata.name);
    const old = info.node;
    if (!old || zoneOf(old.metadata.labels) !== zoneOf(node.metadata.labels)) this.#ordered = undefined;
    this.#countImages(info, -1);
    this.#relabel(info, () => info.setNode(node));
    this.#countImages(info, 1);
    return info;
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#ordered = undefined;
    this.#countImages(info, -1);
    this.#relabel(info, () => info.clearNode());
    if (info.pods.size === 0) this.#forgetNode(info);
  }

  /** Counts the pod against `node`: its binding follows. */
  assume(pod: PodInfo, node: NodeInfo): void {
    this.#place(pod, node, true);
  }

  /** The binding failed. Does nothing when the pod has been observed bound meanwhile. */
  forget(pod: PodInfo): void {
    const placed = this.#pods.get(pod.key);
    if (placed?.assumed && placed.info.uid === pod.uid) this.#remove(placed);
  }

  isAssumed(key: string): boolean {
    return this.#pods.get(key)?.assumed === true;
  }

  /** A pod was observed on a node, new or changed. Returns its current and its previous info. */
  setPod(pod: Stored<Pod>): { info: PodInfo; old?: PodInfo; node: NodeInfo } {
    const node = this.#nodeInfo(pod.spec?.nodeName ?? '');
    const info = new PodInfo(pod);
    const placed = this.#pods.get(info.key);
    if (placed) this.#remove(placed);
    this.#place(info, node, false);
    return placed ? { info, old: placed.info, node } : { info, node };
  }

  removePod(key: string): { info: PodInfo; node: NodeInfo } | undefined {
    const placed = this.#pods.get(key);
    if (placed) this.#remove(placed);
    return placed;
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (!info) {
      info = new NodeInfo(name);
      this.#nodes.set(name, info);
    }
    return info;
  }

  #place(info: PodInfo, node: NodeInfo, assumed: boolean): void {
    node.addPod(info);
    this.#pods.set(info.key, { info, node, assumed });
    this.topology.podAdded(info, node.labels);
  }

  #remove(placed: PlacedPod): void {
    placed.node.removePod(placed.info);
    this.#pods.delete(placed.info.key);
    this.topology.podRemoved(placed.info, placed.node.labels);
    if (!placed.node.node && placed.node.pods.size === 0) this.#forgetNode(placed.node);
  }

  #forgetNode(node: NodeInfo): void {
    if (this.#nodes.get(node.name) === node) this.#nodes.delete(node.name);
  }

  /** Moves the node's pods to the topology domains of its new labels. */
  #relabel(node: NodeInfo, change: () => void): void {
    const old = node.labels;
    change();
    if (sameLabels(old, node.labels)) return;
    this.#labels.clear();
    for (const pod of node.pods.values()) {
      this.topology.podRemoved(pod, old);
      this.topology.podAdded(pod, node.labels);
    }
  }

  #labelCounts(key: string): { nodes: number; values: number } {
    let counts = this.#labels.get(key);
    if (!counts) {
      const values = this.nodes.flatMap((node) => node.labels[key] ?? []);
      counts = { nodes: values.length, values: new Set(values).size };
      this.#labels.set(key, counts);
    }
    return counts;
  }

  #countImages(node: NodeInfo, direction: 1 | -1): void {
    for (const name of node.images.keys()) {
      const count = (this.#imageNodes.get(name) ?? 0) + direction;
      if (count > 0) this.#imageNodes.set(name, count);
      else this.#imageNodes.delete(name);
    }
  }
}

function sameLabels(a: Labels, b: Labels): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
