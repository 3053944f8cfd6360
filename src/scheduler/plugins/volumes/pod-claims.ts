/** The PersistentVolumeClaims of a pod, with their objects. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { claimNameOf, strayClaimReason } from '#api/volumes/ephemeral.ts';
import type { ClusterView } from '../../cache/cluster-view.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { ClusterEvent } from '../../framework.ts';

export interface ClaimOfPod {
  readonly name: string;
  /** Created from the pod's spec by a controller. */
  readonly isEphemeral: boolean;
}

export function claimsOf(pod: Stored<Pod>): ClaimOfPod[] {
  const claims: ClaimOfPod[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const name = claimNameOf(pod.metadata.name, volume);
    if (name !== undefined) claims.push({ name, isEphemeral: !volume.persistentVolumeClaim });
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

/** Why the claim cannot be used now, bound or not. */
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
  if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  return isEphemeral ? strayClaimReason(pod.pod, claim) : undefined;
}
