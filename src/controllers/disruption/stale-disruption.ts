/**
 * Removes the condition DisruptionTarget from pods whose disruption has not happened after two minutes.
 *
 * Reads pods; writes their condition DisruptionTarget. Follows the part of upstream's disruption-controller
 * for this: conditions set by a kubelet stay, and so do those of terminal pods.
 */

import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal, observedGeneration, podCondition } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';

const staleAfterMs = 2 * 60_000;
const type = 'DisruptionTarget';

export const staleDisruption = defineController({
  name: 'stale-disruption-controller',
  identity: 'disruption-controller',
  workers: 1,
  start({ informers, env }) {
    const pods = informers.for(podsType);
    return {
      watches: [watch({ type: podsType, filter: (pod) => disruptedAtMs(pod) !== undefined })],
      reconcile(key): Plan {
        const pod = pods.get(...splitKey(key));
        const sinceMs = pod && disruptedAtMs(pod);
        if (!pod || sinceMs === undefined) return nothingToDo;
        const nowMs = env.clock.now();
        const leftMs = sinceMs + staleAfterMs - nowMs;
        return leftMs > 0 ? { actions: [], againInMs: leftMs } : { actions: [takeBack(pod, nowMs)] };
      },
    };
  },
});

/** Since when a pod that is not being deleted has the condition DisruptionTarget; undefined without it. */
function disruptedAtMs(pod: Stored<Pod>): number | undefined {
  const condition = podCondition(pod, type);
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  if (pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  return Date.parse(condition.lastTransitionTime ?? pod.metadata.creationTimestamp);
}

function takeBack(pod: Stored<Pod>, nowMs: number): Action {
  const condition = {
    type,
    status: 'False',
    reason: null,
    message: null,
    lastTransitionTime: rfc3339(nowMs),
    ...observedGeneration(pod),
  };
  const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  return { do: 'patch', ...targetOf(podsType, pod), patchType: 'strategic', patch, subresource: 'status' };
}
