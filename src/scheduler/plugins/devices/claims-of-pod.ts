/** The claims of a pod as the scheduler sees them, or why they cannot be used; upstream's texts. */

import { podClaimName, strayClaimReason } from '#api/devices/pod-claim.ts';
import type { ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ClusterDevices } from '../../cache/cluster-devices.ts';
import type { PodInfo } from '../../cache/pod-info.ts';

export type Claim = Stored<ResourceV1ResourceClaim>;

/** In the order of `spec.resourceClaims`; a text when a claim is missing, being deleted, or not the pod's. */
export function claimsOfPod({ pod }: PodInfo, devices: ClusterDevices): readonly Claim[] | string {
  const claims: Claim[] = [];
  for (const podClaim of pod.spec?.resourceClaims ?? []) {
    const named = podClaimName(pod, podClaim);
    if (named.state === 'unneeded') continue;
    if (named.state !== 'named') return named.reason;
    const { namespace = '' } = pod.metadata;
    const claim = devices.claim(namespace, named.name);
    if (!claim) return `could not find ResourceClaim "${namespace}/${named.name}"`;
    if (claim.metadata.deletionTimestamp) return `resourceclaim "${named.name}" is being deleted`;
    const reason = named.isGenerated ? strayClaimReason(pod, claim) : undefined;
    if (reason !== undefined) return reason;
    claims.push(claim);
  }
  return claims;
}
