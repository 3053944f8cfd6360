/**
 * Keeps a claim that is deleted until no pod uses it.
 *
 * Reads claims and pods; writes the finalizer kubernetes.io/pvc-protection. Follows upstream's PVC protection controller:
 * only pods that have a node use a claim, for a kubelet starts no pod whose claim is being deleted; and as the view of
 * pods may lag, the server is asked before a claim is let go.
 */

import { persistentVolumeClaims, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Action, defineController, type Plan } from '#client/controllers/controller.ts';
import { keyOf, splitKey } from '../shared/queue-key.ts';
import { LivePods } from './live-pods.ts';
import { mark, needsLook, unmark } from './protection-finalizer.ts';

const finalizer = 'kubernetes.io/pvc-protection';
const byClaim = 'claim';

export const pvcProtection = defineController({
  name: 'pvc-protection-controller',
  start({ client, informers, enqueue }) {
    const claims = informers.for(persistentVolumeClaims);
    const pods = informers.for(podsType);
    pods.addIndex(byClaim, claimKeys);
    const livePods = new LivePods(client, (pod) => claimKeys(pod).length > 0);
    const look = (claim: Stored<PersistentVolumeClaim>) => {
      if (needsLook(claim, finalizer)) enqueue(keyOf(claim));
    };
    const mayBeFree = (pod: Stored<Pod>) => {
      for (const key of claimKeys(pod)) {
        const claim = claims.get(...splitKey(key));
        if (claim?.metadata.deletionTimestamp) look(claim);
      }
    };
    const stops = [
      claims.subscribe({ onAdd: look, onUpdate: (_old, claim) => look(claim) }),
      pods.subscribe({
        onUpdate: (old, pod) => {
          if (isShutDown(pod) && !isShutDown(old)) mayBeFree(pod);
        },
        onDelete: mayBeFree,
      }),
    ];
    return {
      async reconcile(key): Promise<Plan> {
        const claim = claims.get(...splitKey(key));
        if (!claim || !needsLook(claim, finalizer)) return { actions: [] };
        if (!claim.metadata.deletionTimestamp) return plan(mark(persistentVolumeClaims, claim, finalizer));
        if (pods.byIndex(byClaim, key).some((pod) => uses(pod, claim))) return { actions: [] };
        const live = await livePods.list(claim.metadata.namespace ?? '');
        if (live.some((pod) => uses(pod, claim))) return { actions: [] };
        return plan(unmark(persistentVolumeClaims, claim, finalizer));
      },
      stop() {
        for (const stop of stops) stop();
      },
    };
  },
});

function plan(action: Action): Plan {
  return { actions: [action] };
}

/** Of every claim it names, and every one that is made for it. */
function claimKeys({ metadata, spec }: Stored<Pod>): string[] {
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`);
    return claim ? [`${metadata.namespace}/${claim}`] : [];
  });
}

/** A claim made for a pod is free when its kubelet is done with it; one that the pod names, only when the pod is gone. */
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

/** A finalizer may still hold the pod, which may wait for its claim in turn. */
function isShutDown({ metadata }: Stored<Pod>): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}
