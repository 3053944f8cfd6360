/**
 * The one shape of every scheduler plugin, and what a scheduling cycle hands it.
 *
 * A cycle runs, for one pod: preFilter → filter per node → (none left: postFilter) → preScore → score per node →
 * normalize → reserve → preBind → bind. State between the steps of one cycle lives in the closures that
 * `preFilter` and `preScore` return, so a plugin keeps nothing that must be reset.
 *
 * A cycle is synchronous up to `reserve`: the cache cannot change under it, which is why there is no copied snapshot
 * and why no event can fall between looking at the cluster and parking the pod.
 */

import type { KubeObject } from '#api/meta/object.ts';
import type { Random } from '#base/random.ts';
import type { ClusterView } from './cache/cluster-view.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';

/** Why a pod cannot go somewhere; an expected outcome, not an error. */
export class Rejection {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Removing other pods would not help, so preemption leaves the node out. */
  readonly unresolvable: boolean;
  constructor(plugin: string, reasons: readonly string[], unresolvable = false) {
    this.plugin = plugin;
    this.reasons = reasons;
    this.unresolvable = unresolvable;
  }
}

/** What `preFilter` prepared for this pod. */
export interface Filtering {
  /** Only these nodes can pass; no other is looked at. */
  readonly nodeNames?: ReadonlySet<string>;
  filter?(node: NodeInfo): Rejection | undefined;
  /** Keep the prepared state true while preemption tries the cluster with and without some pods. */
  addPod?(pod: PodInfo, node: NodeInfo): void;
  removePod?(pod: PodInfo, node: NodeInfo): void;
}

/** What `preScore` prepared for this pod. Scores are 0…100 after `normalize`. */
export interface Scoring {
  score(node: NodeInfo): number;
  /** Changes `scores` in place; `nodes[i]` has `scores[i]`. */
  normalize?(scores: Float64Array, nodes: readonly NodeInfo[]): void;
}

export const scoreMax = 100;

export type ClusterEventKind =
  | 'Node/Add'
  | 'Node/Allocatable'
  | 'Node/DeclaredFeatures'
  | 'Node/Labels'
  | 'Node/Taints'
  | 'Pod/AssignedAdd'
  | 'Pod/AssignedUpdate'
  | 'Pod/AssignedDelete'
  | 'PersistentVolumeClaim'
  | 'PersistentVolume'
  | 'StorageClass'
  | 'CSINode';

/** Something happened that may let a waiting pod in. */
export interface ClusterEvent {
  readonly kind: ClusterEventKind;
  readonly node?: NodeInfo;
  readonly pod?: PodInfo;
  readonly oldPod?: PodInfo;
  readonly object?: KubeObject;
}

export interface EventHint {
  readonly kinds: readonly ClusterEventKind[];
  /** Could `event` make `pod`, which this plugin rejected, fit? Absent: always. */
  helps?(pod: PodInfo, event: ClusterEvent): boolean;
}

export interface PostFilterResult {
  /** The node where room was made for the pod; `''` when an earlier promise is void; undefined leaves it. */
  readonly nominatedNode?: string;
  /** Pods that must go from that node first. */
  readonly victims?: readonly PodInfo[];
  /** Why no room could be made; joined into the event's text. */
  readonly message: string;
}

export interface SchedulerPlugin {
  readonly name: string;
  /** What its score counts for, as in upstream's default profile. */
  readonly weight?: number;
  readonly hints?: readonly EventHint[];
  /** A rejected pod does not even enter the queue. */
  preEnqueue?(pod: PodInfo): Rejection | undefined;
  /** `undefined`: has nothing to say about this pod. A Rejection holds for every node. */
  preFilter?(pod: PodInfo, view: ClusterView): Filtering | Rejection | undefined;
  /** No node passed. `rejections` has one for each node looked at. */
  postFilter?(pod: PodInfo, view: ClusterView, cycle: FailedCycle): PostFilterResult | undefined;
  /** `undefined`: the score would be the same everywhere. */
  preScore?(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): Scoring | undefined;
  /** Takes what the pod will need on `node`; `unreserve` gives it back when binding fails. */
  reserve?(pod: PodInfo, node: NodeInfo): Rejection | undefined;
  unreserve?(pod: PodInfo, node: NodeInfo): void;
  /** Work that must be done before the binding (volumes). */
  preBind?(pod: PodInfo, node: NodeInfo): Promise<Rejection | undefined>;
}

/** A cycle that found no node, as `postFilter` sees it. */
export interface FailedCycle {
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>;
  readonly filterings: readonly Filtering[];
  /** All filters on one node, nominated pods counted in. */
  fits(node: NodeInfo): Rejection | undefined;
  readonly random: Random;
}

export function definePlugin(plugin: SchedulerPlugin): SchedulerPlugin {
  return plugin;
}
