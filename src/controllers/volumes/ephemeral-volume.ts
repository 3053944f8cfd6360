/**
 * Creates the claims of generic ephemeral volumes, owned by their pods.
 *
 * Reads pods and claims; writes claims. Follows upstream's ephemeral volume controller: a claim that is
 * deleted while its pod lives is created again, and one of that name that is not the pod's is reported.
 */

import { persistentVolumeClaims, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod, Volume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { claimNameOf, strayClaimReason } from '#api/volumes/ephemeral.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';
import { giveUp } from '../shared/give-up.ts';
import { controllerReference } from '../shared/ownership/ownership.ts';
import { indexByClaim, podsOfClaim } from './pods-by-claim.ts';

export const ephemeralVolume = defineController({
  name: 'ephemeral-volume-controller',
  eventSource: 'ephemeral_volume',
  start({ informers }) {
    const pods = informers.for(podsType);
    const claims = informers.for(persistentVolumeClaims);
    indexByClaim(pods);
    return {
      watches: [
        watch({ type: podsType, on: ['listed', 'added'], filter: needsClaims }),
        watch({
          type: persistentVolumeClaims,
          on: ['deleted'],
          keys: ({ metadata }) =>
            podsOfClaim(pods, `${metadata.namespace}/${metadata.name}`).filter(needsClaims).map(keyOf),
        }),
      ],
      steps: [giveUp],
      reconcile(key): Plan {
        const pod = pods.get(...splitKey(key));
        if (!pod || !needsClaims(pod)) return nothingToDo;
        const claimOf = (name: string) => claims.get(pod.metadata.namespace, name);
        return { actions: (pod.spec?.volumes ?? []).flatMap((volume) => settle(pod, volume, claimOf)) };
      },
    };
  },
});

function needsClaims({ metadata, spec }: Stored<Pod>): boolean {
  return !metadata.deletionTimestamp && (spec?.volumes ?? []).some(({ ephemeral }) => ephemeral);
}

function settle(
  pod: Stored<Pod>,
  volume: Volume,
  claimOf: (name: string) => PersistentVolumeClaim | undefined,
): Action[] {
  const name = claimNameOf(pod.metadata.name, volume);
  if (!volume.ephemeral || name === undefined) return [];
  const claim = claimOf(name);
  if (!claim) return [createClaim(pod, volume, name)];
  const reason = strayClaimReason(pod, claim);
  if (reason === undefined) return [];
  const text = `ephemeral volume ${volume.name}: ${reason}`;
  return [failure(pod, text), special(giveUp, `Pod ${keyOf(pod)}`, `pod ${keyOf(pod)}, ${text}`)];
}

function createClaim(pod: Stored<Pod>, { name: volumeName, ephemeral }: Volume, name: string): Action {
  const { metadata, spec } = ephemeral?.volumeClaimTemplate ?? {};
  const object: PersistentVolumeClaim = {
    metadata: {
      name,
      namespace: pod.metadata.namespace ?? '',
      ownerReferences: [controllerReference(podsType, pod)],
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
    },
    ...(spec ? { spec } : {}),
  };
  const text = `ephemeral volume ${volumeName}: create PVC ${name}: `;
  return { do: 'create', type: persistentVolumeClaims, object, ifFailed: [failure(pod, text, 'error')] };
}

function failure(pod: Stored<Pod>, message: string, ends?: 'error'): Action {
  return eventAction(pod, 'Warning', 'FailedBinding', message, ends);
}

function keyOf({ metadata }: Stored<Pod>): string {
  return `${metadata.namespace}/${metadata.name}`;
}
