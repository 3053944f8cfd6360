/** The PersistentVolumeClaims of a pod, with their objects. */

import type { PersistentVolumeClaim, Pod } from '#api/generated/types.gen.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { PodInfo } from '../../cache/pod-info.ts';

export interface ClaimOfPod {
  readonly name: string;
  /** Created from the pod's spec by a controller. */
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

/** Why the claim cannot be used now. */
export function troubleWith(
  { name, isEphemeral }: ClaimOfPod,
  pod: PodInfo,
  view: ClusterView,
): string | undefined {
  const claim = view.listers.claim(pod.namespace, name);
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
  const storageClass = view.listers.storageClass(claim.spec?.storageClassName ?? '');
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
    ? `persistentvolumeclaim "${name}" waits for its first consumer, which this scheduler does not bind`
    : 'pod has unbound immediate PersistentVolumeClaims';
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return !!claim.spec?.volumeName && claim.status?.phase === 'Bound';
}
