/**
 * Takes back that a pod is about to be disrupted when nothing has come of it after two minutes.
 *
 * Reads pods; writes their condition DisruptionTarget. Follows the part of upstream's disruption-controller for this: a
 * kubelet's own word stands, and so does that of pods that have ended.
 */

import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal, observedGeneration, podCondition } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import { type Action, defineController, type Plan } from '#client/controllers/controller.ts';
import { keyOf, splitKey } from '../shared/queue-key.ts';

const staleAfterMs = 2 * 60_000;
const type = 'DisruptionTarget';

export const staleDisruption = defineController({
  name: 'stale-disruption-controller',
  identity: 'disruption-controller',
  workers: 1,
  start({ informers, enqueue, env }) {
    const pods = informers.for(podsType);
    const look = (pod: Stored<Pod>) => {
      if (disruptedAtMs(pod) !== undefined) enqueue(keyOf(pod));
    };
    const stop = pods.subscribe({ onAdd: look, onUpdate: (_old, pod) => look(pod) });
    return {
      reconcile(key): Plan {
        const pod = pods.get(...splitKey(key));
        const sinceMs = pod && disruptedAtMs(pod);
        if (!pod || sinceMs === undefined) return { actions: [] };
        const nowMs = env.clock.now();
        const leftMs = sinceMs + staleAfterMs - nowMs;
        return leftMs > 0 ? { actions: [], againInMs: leftMs } : { actions: [takeBack(pod, nowMs)] };
      },
      stop,
    };
  },
});

/** Since when a pod that nobody has deleted yet is said to go; undefined when it is not. */
function disruptedAtMs(pod: Stored<Pod>): number | undefined {
  const condition = podCondition(pod, type);
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  if (pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  return Date.parse(condition.lastTransitionTime ?? pod.metadata.creationTimestamp);
}

function takeBack(pod: Stored<Pod>, nowMs: number): Action {
  const { namespace = '', name, uid } = pod.metadata;
  const condition = {
    type,
    status: 'False',
    reason: null,
    message: null,
    lastTransitionTime: rfc3339(nowMs),
    ...observedGeneration(pod),
  };
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  return {
    do: 'patch',
    type: podsType,
    namespace,
    name,
    patchType: 'strategic',
    patch,
    subresource: 'status',
  };
}
