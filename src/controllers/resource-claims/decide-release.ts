/** Which consumers a claim loses, whether it stays allocated, and whether it is deleted. */

import { claimFinalizer } from '#api/devices/names.ts';
import type {
  Pod,
  ResourceClaimConsumerReference,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { owningPod } from './claims-by-pod.ts';

type Claim = Stored<ResourceV1ResourceClaim>;

export interface ReleaseDecision {
  /** The claim with its status as it is to be written. */
  readonly status?: Claim;
  /** The finalizer is removed once that status is written, unless it still has an allocation. */
  readonly dropFinalizer: boolean;
  /** The claim was generated for a pod that will not run. */
  readonly deleteClaim: boolean;
}

export interface ReleaseView {
  readonly claim: Claim;
  /** Those of `status.reservedFor` that still need the claim. */
  readonly remaining: readonly ResourceClaimConsumerReference[];
  /** The pod that the claim was generated for, or one of its name. */
  readonly owner: Stored<Pod> | undefined;
}

export function decideRelease({ claim, remaining, owner }: ReleaseView): ReleaseDecision {
  const { allocation, reservedFor = [] } = claim.status ?? {};
  const isProtected = claim.metadata.finalizers?.includes(claimFinalizer) ?? false;
  const isUnused = remaining.length === 0;
  const deleteClaim = isUnused && !isOwnerAlive(claim, owner);
  // A claim loses its allocation with its last consumer, so that the next may be placed elsewhere. One that
  // never had a consumer keeps it: a driver may allocate first.
  if (remaining.length < reservedFor.length) {
    const status = withStatus(claim, remaining, isUnused && isProtected);
    return { status, dropFinalizer: isProtected && !status.status?.allocation, deleteClaim };
  }
  if (!isProtected || !isUnused || !claim.metadata.deletionTimestamp) {
    return { dropFinalizer: false, deleteClaim };
  }
  return { ...(allocation ? { status: withStatus(claim, [], true) } : {}), dropFinalizer: true, deleteClaim };
}

/** True without an owner in view: the garbage collector finds out whether that is gone. */
function isOwnerAlive(claim: Claim, owner: Stored<Pod> | undefined): boolean {
  const reference = owningPod(claim);
  if (!reference || !owner) return true;
  return owner.metadata.uid === reference.uid && !isPodDone(owner);
}

/** None of its containers runs, and none ever will. */
export function isPodDone(pod: Stored<Pod>): boolean {
  return isPodTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec?.nodeName);
}

function withStatus(
  claim: Claim,
  reservedFor: readonly ResourceClaimConsumerReference[],
  deallocate: boolean,
): Claim {
  const { allocation, ...rest } = claim.status ?? {};
  const kept = allocation && !deallocate ? { allocation } : {};
  return { ...claim, status: { ...rest, ...kept, reservedFor: [...reservedFor] } };
}
