/** The PersistentVolumeClaims of a pod, with their objects. */

import type { PersistentVolumeClaim, Pod } from '#api/generated/types.gen.ts';
import type { OwnerReference } from '#api/meta/object.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { ClusterEvent } from '../../framework.ts';

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

/**
 * The claims that the pod names, without those created for it: upstream's checks of zones and access modes
 * read no others.
 */
export function namedClaims(pod: Pod): string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
}

/** Is the event's object one of these claims? */
export function concernsClaim({ object }: ClusterEvent, pod: PodInfo, claims: readonly string[]): boolean {
  const { namespace, name } = object?.metadata ?? {};
  return namespace === pod.namespace && name !== undefined && claims.includes(name);
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
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName}"`;
  }
  if (claim.metadata?.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  if (isEphemeral && controllerOf(claim)?.uid !== pod.uid) {
    const { namespace, key } = pod;
    return `PVC ${namespace}/${name} was not created for pod ${key} (pod is not owner)`;
  }
  if (isBound(claim)) return undefined;
  const storageClass = view.listers.storageClass(claim.spec?.storageClassName ?? '');
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
    ? `persistentvolumeclaim "${name}" waits for its first consumer, which this scheduler does not bind`
    : 'pod has unbound immediate PersistentVolumeClaims';
}

function controllerOf(claim: PersistentVolumeClaim): OwnerReference | undefined {
  return claim.metadata?.ownerReferences?.find((owner) => owner.controller);
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return !!claim.spec?.volumeName && claim.status?.phase === 'Bound';
}
