/**
 * Deletes pods from nodes whose NoExecute taints they do not tolerate, or no longer tolerate.
 *
 * A pod that tolerates all of them without limit stays; with limits, it is deleted when the shortest has
 * passed since the taint was added; without toleration at once. Reads nodes and pods; writes the condition
 * DisruptionTarget, deletes pods, writes Events. Follows upstream's taint eviction controller, but counts
 * from the taint's timeAdded, so that a restart does not start the wait again. Without timeAdded (the field
 * is optional) it counts from when the wait began here.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, Pod, Taint } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal, observedGeneration } from '#api/pods/state.ts';
import { toleratesTaint } from '#api/pods/tolerations.ts';
import { rfc3339 } from '#base/clock.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, type Plan, targetOf } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';
import { podsByNode } from '../shared/pods-by-node.ts';

export const taintEviction = defineController({
  name: 'taint-eviction-controller',
  identity: 'node-controller',
  workers: 8,
  start({ env, informers }) {
    const cachedNodes = informers.for(nodes);
    const cachedPods = informers.for(pods);
    const podsOn = podsByNode(informers);
    /** When the wait of a pod began, on the monotonic clock: to count from, and to record when it is cancelled. */
    const waiting = new Map<string, number>();
    const concerns = (pod: Stored<Pod>) => {
      const node = cachedNodes.get(undefined, pod.spec?.nodeName ?? '');
      return waiting.has(keyOf(pod)) || (node !== undefined && evicting(node).length > 0);
    };
    return {
      watches: [
        watch({
          type: nodes,
          on: ['listed', 'added'],
          filter: (node) => evicting(node).length > 0,
          keys: ({ metadata }) => podsOn(metadata.name).map(keyOf),
        }),
        watch({
          type: nodes,
          on: ['updated'],
          changed: (old, node) => !sameTaints(evicting(old), evicting(node)),
          keys: ({ metadata }) => podsOn(metadata.name).map(keyOf),
        }),
        watch({
          type: pods,
          filter: concerns,
          note(change, pod) {
            if (change === 'deleted') waiting.delete(keyOf(pod));
          },
        }),
      ],
      reconcile(key): Plan {
        const pod = cachedPods.get(...splitKey(key));
        const node = pod && cachedNodes.get(undefined, pod.spec?.nodeName ?? '');
        const nowMs = env.clock.now();
        const monotonicMs = env.clock.monotonicMs();
        const sinceMs = waiting.get(key) ?? monotonicMs;
        const beganMs = nowMs - (monotonicMs - sinceMs);
        const waitMs = pod && node ? evictionDelayMs(pod, evicting(node), nowMs, beganMs) : undefined;
        if (!pod || waitMs === undefined) {
          return { actions: waiting.delete(key) && pod ? [calledOff(pod)] : [] };
        }
        if (waitMs > 0) {
          waiting.set(key, sinceMs);
          return { actions: [], againInMs: waitMs };
        }
        waiting.delete(key);
        return { actions: evict(pod, nowMs) };
      },
    };
  },
});

function evicting(node: Node): Taint[] {
  return (node.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute');
}

function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Time until the pod is deleted, if its wait began at `beganMs`; undefined when it may stay. */
export function evictionDelayMs(
  pod: Pod,
  taints: readonly Taint[],
  nowMs: number,
  beganMs = nowMs,
): number | undefined {
  if (taints.length === 0 || pod.metadata?.deletionTimestamp || isPodTerminal(pod)) return undefined;
  let delayMs: number | undefined;
  for (const taint of taints) {
    const toleration = pod.spec?.tolerations?.find((each) => toleratesTaint(each, taint));
    if (!toleration) return 0;
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds === undefined) continue;
    const sinceMs = taint.timeAdded ? Date.parse(taint.timeAdded) : beganMs;
    const leftMs = Math.max(0, sinceMs + Math.max(0, tolerationSeconds) * 1000 - nowMs);
    delayMs = Math.min(delayMs ?? leftMs, leftMs);
  }
  return delayMs;
}

function evict(pod: Stored<Pod>, nowMs: number): Action[] {
  const { namespace = '', name, uid } = pod.metadata;
  const target = targetOf(pods, pod);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: rfc3339(nowMs),
    ...observedGeneration(pod),
  };
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  return [
    podEvent(pod, `Marking for deletion Pod ${namespace}/${name}`),
    { do: 'patch', ...target, patchType: 'strategic', patch, subresource: 'status', ignore: ['NotFound'] },
    { do: 'delete', ...target, uid },
  ];
}

function calledOff(pod: Stored<Pod>): Action {
  return podEvent(pod, `Cancelling deletion of Pod ${pod.metadata.namespace}/${pod.metadata.name}`);
}

function podEvent(pod: Stored<Pod>, message: string): Action {
  const regarding = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata };
  return eventAction(regarding, 'Normal', 'TaintManagerEviction', message);
}
