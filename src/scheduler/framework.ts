/**
 * The interface of every scheduler plugin, and what a scheduling cycle passes to it.
 *
 * A cycle runs, for one pod: preFilter → filter per node → (none left: postFilter) → preScore → score per
 * node → normalize → reserve → prepare → bind. State between the steps of one cycle lives in the closures
 * that `preFilter` and `preScore` return, so a plugin has no state to reset.
 *
 * A cycle is synchronous up to `reserve`: the cache cannot change during it, which is why there is no
 * snapshot and why no event can be missed between examining the cluster and parking the pod.
 */

import type { Node } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import type { Client } from '#client/client.ts';
import type { ClusterView } from './cache/cluster-view.ts';
import type { Listers } from './cache/listers.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';

/** Why a pod cannot be placed; an expected outcome, not an error. */
export class Rejection {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Removing other pods would not help, so preemption skips the node. */
  readonly unresolvable: boolean;
  constructor(plugin: string, reasons: readonly string[], unresolvable = false) {
    this.plugin = plugin;
    this.reasons = reasons;
    this.unresolvable = unresolvable;
  }
}

/** What a plugin could not do; ends the attempt for the pod, which is tried again after its back-off. Upstream's text. */
export class PluginError extends Error {
  constructor(plugin: string, point: string, reason: string) {
    super(`running "${plugin}" ${point} plugin: ${reason}`);
  }
}

/**
 * Thrown by a filter that needs more time than one cycle may take: the pod is tried again at once, after others, and the
 * filter continues where it stopped.
 */
export class Unfinished extends Error {}

/** What `preFilter` prepared for this pod. */
export interface Filtering {
  /** Only these nodes can pass; no other is examined. */
  readonly nodeNames?: ReadonlySet<string>;
  filter?(node: NodeInfo): Rejection | undefined;
  /** Takes on the chosen node what `filter` found for the pod there; undefined when there is nothing to take. */
  reserve?(node: NodeInfo): Reservation | undefined;
  /** Keep the prepared state up to date while preemption tries the cluster with and without some pods. */
  addPod?(pod: PodInfo, node: NodeInfo): void;
  removePod?(pod: PodInfo, node: NodeInfo): void;
}

/** What a plugin holds for a pod from the choice of its node until it is bound there, or is not. */
export interface Reservation {
  readonly plugin: string;
  /** Writes what must be there before the binding. Throws the API server's error. */
  write(client: Client): Promise<void>;
  /** Resolves when the pod may be bound. Throws what prevents it; upstream's text. */
  settled(wait: Waiting): Promise<void>;
  /** The pod is not bound: takes back what `write` has written. A failure is only logged. */
  undo?(client: Client): Promise<void>;
  /** Called once, last, whether the pod was bound or not. */
  release(): void;
}

export interface Waiting {
  readonly clock: Clock;
  /** Aborted when the scheduler stops. */
  readonly signal: AbortSignal;
  /** Records an event about the pod, of the type Normal. */
  readonly report: (reason: string, message: string) => void;
  /** Is the pod still there, without a node? */
  readonly isPodWaiting: () => boolean;
}

/** What `preScore` prepared for this pod. Scores are 0…100 after `normalize`. */
export interface Scoring {
  score(node: NodeInfo): number;
  /** Changes `scores` in place; `nodes[i]` has `scores[i]`. */
  normalize?(scores: Float64Array, nodes: readonly NodeInfo[]): void;
}

export const scoreMax = 100;

export const clusterEventKinds = [
  'Node/Add',
  'Node/Delete',
  'Node/Allocatable',
  'Node/DeclaredFeatures',
  'Node/Labels',
  'Node/Taints',
  'Pod/AssignedAdd',
  'Pod/AssignedUpdate',
  'Pod/AssignedDelete',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment/Delete',
  'ResourceClaim',
  'ResourceSlice',
  'DeviceClass',
  /** What a pod had reserved is free again: it could not be bound. */
  'Reservation/Undone',
] as const;

export type ClusterEventKind = (typeof clusterEventKinds)[number];

/** A change that may make a waiting pod schedulable. */
export interface ClusterEvent {
  readonly kind: ClusterEventKind;
  /** Absent when the node was deleted. */
  readonly node?: NodeInfo;
  /** The node before its update or deletion; absent when it was added. So are `oldPod` and `oldObject`. */
  readonly oldNode?: Stored<Node>;
  readonly pod?: PodInfo;
  readonly oldPod?: PodInfo;
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
}

export interface EventHint {
  readonly kinds: readonly ClusterEventKind[];
  /** Could `event` make `pod`, which this plugin rejected, fit? Absent: always. */
  helps?(pod: PodInfo, event: ClusterEvent, listers: Listers): boolean;
}

export interface PostFilterResult {
  /** The node where room is made for the pod; `''` clears an earlier nomination; undefined keeps it. */
  readonly nominatedNode?: string;
  /** Pods to remove from that node first. */
  readonly victims?: readonly PodInfo[];
  /** Why no room could be made; appended to the event's message. */
  readonly message: string;
  /** Makes room by a change that an event will show. Throws the API server's error. */
  write?(client: Client): Promise<void>;
  /** No further plugin is asked. */
  readonly isError?: boolean;
  /** All nodes where room can be made, `nominatedNode` among them: extenders may have objections. */
  readonly candidates?: readonly PreemptionCandidate[];
}

/** A node where removing the victims makes room. */
export interface PreemptionCandidate {
  readonly node: NodeInfo;
  /** Highest priority first. */
  readonly victims: readonly PodInfo[];
  /** How many of the victims a PodDisruptionBudget protects. */
  readonly brokenBudgets: number;
}

export interface SchedulerPlugin {
  readonly name: string;
  /** Weight of its score, as in upstream's default profile. */
  readonly weight?: number;
  readonly hints?: readonly EventHint[];
  /** A rejected pod does not enter the queue, until it changes or an event comes that the plugin's hints name. */
  preEnqueue?(pod: PodInfo, listers: Listers): Rejection | undefined;
  /** `undefined`: the plugin does not concern this pod. A Rejection holds for every node. */
  preFilter?(pod: PodInfo, view: ClusterView): Filtering | Rejection | undefined;
  /** No node passed. `rejections` has one for each examined node. */
  postFilter?(pod: PodInfo, view: ClusterView, cycle: FailedCycle): PostFilterResult | undefined;
  /** `undefined`: the score would be the same everywhere. */
  preScore?(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): Scoring | undefined;
}

/** A cycle that found no node, as `postFilter` sees it. */
export interface FailedCycle {
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>;
  readonly filterings: readonly Filtering[];
  /** All filters on one node, nominated pods counted in. */
  fits(node: NodeInfo): Rejection | undefined;
  /** Has the plugin's preFilter run? Not after a plugin before it rejected the pod. */
  hasPrepared(plugin: string): boolean;
  readonly random: Random;
}

export function definePlugin(plugin: SchedulerPlugin): SchedulerPlugin {
  return plugin;
}
