/**
 * Deletes pods from nodes whose NoExecute taints they do not tolerate, or no longer tolerate.
 *
 * A pod that tolerates all of them without limit stays; with limits, it goes when the shortest has passed since the
 * taint came; without toleration at once.
 * Reads nodes and pods; writes the condition DisruptionTarget, deletes pods, writes Events. Follows upstream's taint
 * eviction controller, but counts from the taint's timeAdded, so that a restart does not start the wait again. A taint
 * without one (nobody has to say it) counts from when the wait began here.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, Pod, Taint } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { tolerates } from '#api/nodes/node-match.ts';
import { isPodTerminal, observedGeneration } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import { type Action, defineController, type Plan } from '#client/controllers/controller.ts';
import { eventAction } from '../shared/event-action.ts';
import { podsByNode } from '../shared/pods-by-node.ts';

export const taintEviction = defineController({
  name: 'taint-eviction-controller',
  identity: 'node-controller',
  workers: 8,
  start({ env, informers, enqueue }) {
    const nodeInformer = informers.for(nodes);
    const podInformer = informers.for(pods);
    const podsOn = podsByNode(informers);
    /** When the wait of a pod began: to count from, and to tell when it is called off. */
    const waiting = new Map<string, number>();
    const keyOf = ({ metadata }: Stored<Pod>) => `${metadata.namespace}/${metadata.name}`;
    const look = (pod: Stored<Pod>) => {
      const node = nodeInformer.get(undefined, pod.spec?.nodeName ?? '');
      if (waiting.has(keyOf(pod)) || (node && evicting(node).length > 0)) enqueue(keyOf(pod));
    };
    const stops = [
      nodeInformer.subscribe({
        onAdd: (node) => {
          if (evicting(node).length > 0) for (const pod of podsOn(node.metadata.name)) look(pod);
        },
        onUpdate: (old, node) => {
          if (sameTaints(evicting(old), evicting(node))) return;
          for (const pod of podsOn(node.metadata.name)) enqueue(keyOf(pod));
        },
      }),
      podInformer.subscribe({
        onAdd: look,
        onUpdate: (_old, pod) => look(pod),
        onDelete: (pod) => waiting.delete(keyOf(pod)),
      }),
    ];
    return {
      reconcile(key): Plan {
        const [namespace, name] = key.split('/');
        const pod = podInformer.get(namespace, name!);
        const node = pod && nodeInformer.get(undefined, pod.spec?.nodeName ?? '');
        const nowMs = env.clock.now();
        const sinceMs = waiting.get(key) ?? nowMs;
        const waitMs = pod && node ? evictionDelayMs(pod, evicting(node), nowMs, sinceMs) : undefined;
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
      stop() {
        for (const stop of stops) stop();
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

/** How long until the pod must go, if its wait began at `beganMs`; undefined when it may stay. */
export function evictionDelayMs(
  pod: Pod,
  taints: readonly Taint[],
  nowMs: number,
  beganMs = nowMs,
): number | undefined {
  if (taints.length === 0 || pod.metadata?.deletionTimestamp || isPodTerminal(pod)) return undefined;
  let delayMs: number | undefined;
  for (const taint of taints) {
    const toleration = pod.spec?.tolerations?.find((one) => tolerates(one, taint));
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
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: rfc3339(nowMs),
    ...observedGeneration(pod),
  };
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  const mark: Action = {
    do: 'run',
    name: `mark pod ${namespace}/${name} as disrupted`,
    async run(client) {
      try {
        await client.patch(pods, { namespace, name }, 'strategic', patch, { subresource: 'status' });
      } catch (error) {
        if (!(error instanceof StatusError && error.code === 404)) throw error;
      }
    },
  };
  return [
    podEvent(pod, `Marking for deletion Pod ${namespace}/${name}`),
    mark,
    { do: 'delete', type: pods, namespace, name, uid },
  ];
}

function calledOff(pod: Stored<Pod>): Action {
  return podEvent(pod, `Cancelling deletion of Pod ${pod.metadata.namespace}/${pod.metadata.name}`);
}

function podEvent(pod: Stored<Pod>, message: string): Action {
  const regarding = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata };
  return eventAction(regarding, 'Normal', 'TaintManagerEviction', message);
}
