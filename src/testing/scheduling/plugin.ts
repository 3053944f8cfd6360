/**
 * Runs one scheduler plugin alone, for the tables beside it: a pod and a cluster in; rejections, scores and
 * hints out.
 */

import { ClusterCache } from '#scheduler/cache/cache.ts';
import { type Listers, noListers } from '#scheduler/cache/listers.ts';
import { NodeInfo } from '#scheduler/cache/node-info.ts';
import type { PodInfo } from '#scheduler/cache/pod-info.ts';
import {
  type ClusterEvent,
  type ClusterEventKind,
  type Filtering,
  Rejection,
  type SchedulerPlugin,
} from '#scheduler/framework.ts';
import { makeNode, makePod, type NodeShape, type PodShape } from './objects.ts';

export interface ClusterShape {
  readonly nodes: readonly NodeShape[];
  /** Placed pods: each names its node. */
  readonly pods?: readonly PodShape[];
  readonly listers?: Partial<Listers>;
}

/**
 * The cluster and its nodes in the order of the shape; the scheduler's own order alternates between zones.
 */
export function clusterOf({ nodes, pods = [], listers }: ClusterShape) {
  const view = new ClusterCache({ ...noListers, ...listers });
  const infos = nodes.map((node) => view.setNode(makeNode(node)));
  pods.forEach((pod, i) => {
    view.setPod(makePod({ name: `placed-${i}`, ...pod }).pod);
  });
  return { view, nodes: infos };
}

/**
 * `skipped`: the plugin does not concern the pod. A Rejection holds for every node; else the verdict on each
 * node.
 */
export type Verdict = 'skipped' | Rejection | (Rejection | 'fits')[];

export function rejectionsOf(plugin: SchedulerPlugin, pod: PodShape, shape: ClusterShape): Verdict {
  const { view, nodes } = clusterOf(shape);
  return verdictOf(plugin.preFilter?.(makePod(pod), view), nodes);
}

export function verdictOf(filtering: Filtering | Rejection | undefined, nodes: readonly NodeInfo[]): Verdict {
  if (!filtering) return 'skipped';
  if (filtering instanceof Rejection) return filtering;
  return nodes.map((node) => filtering.filter?.(node) ?? 'fits');
}

/** The scores of the candidates, normalized when the plugin does so. */
export function scoresOf(
  plugin: SchedulerPlugin,
  pod: PodShape,
  shape: ClusterShape,
  candidates = shape.nodes.map((node) => node.name),
): 'skipped' | number[] {
  const { view, nodes } = clusterOf(shape);
  const passed = nodes.filter((node) => candidates.includes(node.name));
  const scoring = plugin.preScore?.(makePod(pod), passed, view);
  if (!scoring) return 'skipped';
  const scores = Float64Array.from(passed, (node) => scoring.score(node));
  scoring.normalize?.(scores, passed);
  return [...scores];
}

/** Does the event wake the pod that the plugin rejected? */
export function isHelpedBy(
  plugin: SchedulerPlugin,
  pod: PodInfo,
  event: ClusterEvent,
  listers: Partial<Listers> = {},
): boolean {
  const all = { ...noListers, ...listers };
  return (plugin.hints ?? []).some(
    ({ kinds, helps }) => kinds.includes(event.kind) && (!helps || helps(pod, event, all)),
  );
}

/** An update when `old` is given. */
export function nodeEvent(kind: ClusterEventKind, node: NodeShape, old?: NodeShape): ClusterEvent {
  const info = new NodeInfo(node.name);
  info.setNode(makeNode(node));
  return { kind, node: info, ...(old ? { oldNode: makeNode(old) } : {}) };
}

export function podEvent(kind: ClusterEventKind, pod: PodShape, old?: PodShape): ClusterEvent {
  const shape = { name: 'other', ...pod };
  return { kind, pod: makePod(shape), ...(old ? { oldPod: makePod({ name: 'other', ...old }) } : {}) };
}
