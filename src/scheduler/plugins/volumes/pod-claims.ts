/** The PersistentVolumeClaims of a pod, and what is known of each. */

import type { PersistentVolumeClaim, Pod } from '#api/generated/types.gen.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { PodInfo } from '../../cache/pod-info.ts';

export interface ClaimOfPod {
  readonly name: string;
  /** Made from the pod's own spec by a controller. */
  readonly isEphemeral: boolean;
}

export function claimsOf(pod: Pod): ClaimOfPod[] {
  const claims: ClaimOfPod[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of pod.spec?.volumes ?? []) {
    if (persistentVolumeClaim) claims.push({ name: persistentVolumeClaim.claimName, isEphemeral: false });
    else if (ephemeral) claims.push({ name: `${pod.metadata?.name}-${name}`, isEphemeral: true });
  }
  return claims;
}

/** Why this claim cannot be used by anyone now. */
export function troubleWith(
  { name, isEphemeral }: ClaimOfPod,
  pod: PodInfo,
  view: ClusterView,
): string | undefined {
  const claim = view.outside.claim(pod.namespace, name);
  if (!claim) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.metadata?.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName}"`;
  }
  if (isBound(claim)) return undefined;
  const storageClass = view.outside.storageClass(claim.spec?.storageClassName ?? '');
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
    ? `persistentvolumeclaim "${name}" waits for its first consumer, which this scheduler does not bind`
    : 'pod has unbound immediate PersistentVolumeClaims';
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return !!claim.spec?.volumeName && claim.status?.phase === 'Bound';
}
