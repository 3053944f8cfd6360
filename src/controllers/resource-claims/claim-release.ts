/**
 * Takes ended pods out of the consumers of claims, deallocates claims without consumers, and deletes those
 * that were generated for an ended pod.
 *
 * Reads claims and pods; writes `status` and the finalizer resource.kubernetes.io/delete-protection of claims, and
 * deletes claims. Follows the half of upstream's resourceclaim controller that looks at claims.
 */

import { claimFinalizer } from '#api/devices/names.ts';
import { podClaimKeys } from '#api/devices/pod-claim.ts';
import { pods as podsType, resourceClaims } from '#api/generated/kinds.gen.ts';
import type {
  Pod,
  ResourceClaimConsumerReference,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { ReadClient } from '#client/client.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Lister } from '#client/informers/informer.ts';
import { unmark } from '../shared/protection-finalizer.ts';
import { owningPod } from './claims-by-pod.ts';
import { decideRelease, isPodDone, type ReleaseDecision } from './decide-release.ts';

type Claim = Stored<ResourceV1ResourceClaim>;

/** Deleted pods that are remembered, so that the server need not be asked about them. */
const deletedPodsMax = 500;

/**
 * Writes the status, then takes the finalizer from the version that the server made of it: a scheduler that
 * is about to allocate has put it there already, and a later look could not tell the two apart.
 */
const deallocate: SpecialStep<Claim> = {
  name: 'deallocate',
  async carryOut(claim, client): Promise<Plan> {
    const stored = await client.updateStatus(resourceClaims, claim);
    return stored.status?.allocation
      ? nothingToDo
      : { actions: [unmark(resourceClaims, stored, claimFinalizer)] };
  },
};

export const claimRelease = defineController({
  name: 'resourceclaim-release-controller',
  identity: 'resource-claim-controller',
  eventSource: 'resource_claim',
  start({ client, informers }) {
    const claims = informers.for(resourceClaims);
    const pods = informers.for(podsType);
    const deletedPods = new Set<string>();
    return {
      watches: [
        watch({ type: resourceClaims, on: ['listed', 'added', 'updated'] }),
        watch({ type: podsType, on: ['listed', 'added', 'updated'], filter: isPodDone, keys: podClaimKeys }),
        watch({
          type: podsType,
          on: ['deleted'],
          keys: podClaimKeys,
          note(change, pod) {
            if (change === 'deleted' && usesClaims(pod)) remember(deletedPods, pod.metadata.uid);
          },
        }),
      ],
      steps: [deallocate],
      async reconcile(key): Promise<Plan> {
        const claim = claims.get(...splitKey(key));
        if (!claim) return nothingToDo;
        const remaining = await remainingOf(claim, { client, pods, deletedPods });
        const ownerName = owningPod(claim)?.name;
        const owner = ownerName === undefined ? undefined : pods.get(claim.metadata.namespace, ownerName);
        return { actions: planOf(claim, decideRelease({ claim, remaining, owner })) };
      },
    };
  },
});

function usesClaims({ spec, status }: Stored<Pod>): boolean {
  return (spec?.resourceClaims?.length ?? 0) > 0 || status?.extendedResourceClaimStatus !== undefined;
}

/** The oldest is forgotten when there are too many. */
function remember(uids: Set<string>, uid: string): void {
  uids.add(uid);
  const [oldest] = uids;
  if (uids.size > deletedPodsMax && oldest !== undefined) uids.delete(oldest);
}

interface PodsView {
  readonly client: ReadClient;
  readonly pods: Lister<Pod>;
  /** By UID. */
  readonly deletedPods: ReadonlySet<string>;
}

async function remainingOf(claim: Claim, view: PodsView): Promise<ResourceClaimConsumerReference[]> {
  const remaining: ResourceClaimConsumerReference[] = [];
  for (const consumer of claim.status?.reservedFor ?? []) {
    const isPod = !consumer.apiGroup && consumer.resource === podsType.resource;
    // Consumers of other kinds are for their own controllers to remove.
    if (!isPod || (await needsClaim(claim, consumer, view))) remaining.push(consumer);
  }
  return remaining;
}

async function needsClaim(
  { metadata: { namespace = '' } }: Claim,
  { name, uid }: ResourceClaimConsumerReference,
  { client, pods, deletedPods }: PodsView,
): Promise<boolean> {
  if (deletedPods.has(uid)) return false;
  const pod = pods.get(namespace, name);
  if (pod) return pod.metadata.uid === uid && !isPodDone(pod);
  // The cache may not show yet a pod that is just being scheduled.
  return (await liveUid(client, namespace, name)) === uid;
}

async function liveUid(client: ReadClient, namespace: string, name: string): Promise<string | undefined> {
  try {
    const { metadata } = await client.get(podsType, { namespace, name });
    return metadata.uid;
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

function planOf(claim: Claim, { status, dropFinalizer, deleteClaim }: ReleaseDecision): Action[] {
  const actions: Action[] = [];
  if (status && dropFinalizer) actions.push(special(deallocate, keyOf(claim), status));
  else if (status) actions.push({ do: 'updateStatus', type: resourceClaims, object: status });
  else if (dropFinalizer) actions.push(unmark(resourceClaims, claim, claimFinalizer));
  const isDeleted = claim.metadata.deletionTimestamp !== undefined;
  if (deleteClaim && !isDeleted) {
    actions.push({ do: 'delete', ...targetOf(resourceClaims, claim), uid: claim.metadata.uid });
  }
  return actions;
}
