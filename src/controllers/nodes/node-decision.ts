/**
 * What to do about one node.
 *
 *   1. record once that it is registered
 *   2. silent for too long: its conditions become Unknown; that change enqueues it again
 *   3. taints follow the conditions
 *   4. not ready: mark its pods not ready, once for each time it stops being ready
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, NodeCondition, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isNodeReady, nodeCondition } from '#api/nodes/state.ts';
import { isPodReady } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import { type Action, type EventAction, type Plan, targetOf } from '#client/controllers/plan.ts';
import { eventAction } from '../shared/event-action.ts';
import {
  conditionsOfSilent,
  type Evictions,
  silenceAllowedMs,
  taintsFor,
  wantedNoExecute,
} from './node-health.ts';

const evictionRetryMs = 5_000;

export interface NodeView {
  readonly node: Stored<Node>;
  readonly nowMs: number;
  /** Time since its lease or its status last changed. */
  readonly silentMs: number;
  readonly isRegistered: boolean;
  readonly evictions: Evictions;
  pods(): readonly Stored<Pod>[];
  /** The loss of readiness for which its pods have been marked. */
  readonly markedFor: string | undefined;
  /** The step that records it. */
  remember(loss: string): Action;
}

export function decideNode(view: NodeView): Plan {
  const { node, nowMs, silentMs, evictions } = view;
  const leftMs = silenceAllowedMs(node) - silentMs;
  const conditions = leftMs > 0 ? undefined : conditionsOfSilent(node, nowMs);
  if (conditions) return { actions: [...register(view), ...giveUp(node, conditions)] };
  const actions = [...register(view), ...retaint(view), ...markPods(view)];
  const wanted = wantedNoExecute(node);
  const isWaiting = wanted !== undefined && !hasNoExecute(node, wanted);
  if (isWaiting && !evictions.areOff) return { actions, againInMs: evictionRetryMs };
  return leftMs > 0 ? { actions, againInMs: leftMs } : { actions };
}

function giveUp(node: Stored<Node>, conditions: NodeCondition[]): Action[] {
  const object: Node = { ...node, status: { ...node.status, conditions } };
  const status: Action = { do: 'updateStatus', type: nodes, object };
  if (!isNodeReady(node)) return [status];
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
  return [status, nodeEvent(node, 'NodeNotReady', message)];
}

function register({ node, isRegistered }: NodeView): Action[] {
  const { name } = node.metadata;
  if (isRegistered) return [];
  return [nodeEvent(node, 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)];
}

export function unregister(node: Stored<Node>): Action[] {
  const { name } = node.metadata;
  return [nodeEvent(node, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)];
}

function retaint({ node, evictions, nowMs }: NodeView): Action[] {
  const taints = taintsFor(node, evictions, nowMs);
  if (!taints) return [];
  const patch = { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints } };
  return [{ do: 'patch', ...targetOf(nodes, node), patchType: 'merge', patch }];
}

/** The loss of readiness that a node is in; undefined while it is ready. */
export function lossOf(node: Node): string | undefined {
  const ready = nodeCondition(node, 'Ready');
  return !ready || ready.status === 'True' ? undefined : `${ready.status} ${ready.lastTransitionTime}`;
}

/** Only once: its kubelet may still report, and is then right. */
function markPods({ node, nowMs, markedFor, pods: podsThere, remember }: NodeView): Action[] {
  const loss = lossOf(node);
  if (loss === undefined || markedFor === loss) return [];
  const ready = podsThere().filter((pod) => isPodReady(pod));
  return [...ready.flatMap((pod) => markNotReady(pod, nowMs)), remember(loss)];
}

function markNotReady(pod: Stored<Pod>, nowMs: number): Action[] {
  const condition = { type: 'Ready', status: 'False', lastTransitionTime: rfc3339(nowMs) };
  const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  const regarding = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata };
  const ignore = ['NotFound', 'Conflict'];
  return [
    eventAction(regarding, 'Warning', 'NodeNotReady', 'Node is not ready'),
    { do: 'patch', ...targetOf(pods, pod), patchType: 'strategic', patch, subresource: 'status', ignore },
  ];
}

function hasNoExecute(node: Node, key: string): boolean {
  return !!node.spec?.taints?.some((taint) => taint.key === key && taint.effect === 'NoExecute');
}

function nodeEvent(node: Stored<Node>, reason: string, message: string): EventAction {
  const { name, uid } = node.metadata;
  const regarding = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } };
  return eventAction(regarding, 'Normal', reason, message);
}
