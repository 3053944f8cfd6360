/**
 * Keeps a claim that is deleted until no pod uses it.
 *
 * Reads claims and pods; writes the finalizer kubernetes.io/pvc-protection. Follows upstream's PVC protection
 * controller: only pods that have a node use a claim, for a kubelet starts no pod whose claim is being
 * deleted; and as the view of pods may lag, the server is asked before the finalizer is removed.
 */

import { persistentVolumeClaims, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { claimKeysOf } from '#api/volumes/ephemeral.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { mark, needsLook, unmark } from '../shared/protection-finalizer.ts';
import { LivePods } from './live-pods.ts';
import { indexByClaim, podsOfClaim } from './pods-by-claim.ts';

const finalizer = 'kubernetes.io/pvc-protection';

export const pvcProtection = defineController({
  name: 'pvc-protection-controller',
  start({ client, informers }) {
    const claims = informers.for(persistentVolumeClaims);
    const pods = informers.for(podsType);
    indexByClaim(pods);
    const livePods = new LivePods(client, (pod) => claimKeysOf(pod).length > 0);
    const isWaiting = (key: string) => {
      const claim = claims.get(...splitKey(key));
      return claim?.metadata.deletionTimestamp !== undefined && needsLook(claim, finalizer);
    };
    return {
      watches: [
        watch({ type: persistentVolumeClaims, filter: (claim) => needsLook(claim, finalizer) }),
        // The claim may have become unused.
        watch({
          type: podsType,
          on: ['updated', 'deleted'],
          changed: (old, pod) => isShutDown(pod) && !isShutDown(old),
          keys: (pod) => claimKeysOf(pod).filter(isWaiting),
        }),
      ],
      async reconcile(key): Promise<Plan> {
        const claim = claims.get(...splitKey(key));
        if (!claim || !needsLook(claim, finalizer)) return nothingToDo;
        if (!claim.metadata.deletionTimestamp) return plan(mark(persistentVolumeClaims, claim, finalizer));
        if (podsOfClaim(pods, key).some((pod) => uses(pod, claim))) return nothingToDo;
        const live = await livePods.list(claim.metadata.namespace ?? '');
        if (live.some((pod) => uses(pod, claim))) return nothingToDo;
        return plan(unmark(persistentVolumeClaims, claim, finalizer));
      },
    };
  },
});

function plan(action: Action): Plan {
  return { actions: [action] };
}

/**
 * A claim created for a pod is unused when its kubelet has finished; one that the pod names, only when the
 * pod is deleted.
 */
function uses(pod: Stored<Pod>, { metadata }: Stored<PersistentVolumeClaim>): boolean {
  const { nodeName, volumes = [] } = pod.spec ?? {};
  if (!nodeName) return false;
  const isOwner = metadata.ownerReferences?.some(
    ({ uid, controller }) => controller && uid === pod.metadata.uid,
  );
  return volumes.some(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return persistentVolumeClaim.claimName === metadata.name;
    const isMadeFor = ephemeral && isOwner && `${pod.metadata.name}-${name}` === metadata.name;
    return isMadeFor && !isShutDown(pod);
  });
}

/** A finalizer may still keep the pod, and may wait for the claim in turn. */
function isShutDown({ metadata }: Stored<Pod>): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}
