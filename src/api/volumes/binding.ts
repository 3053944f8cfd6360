/** What it means that a claim and a volume are bound: both name the other, the volume by the claim's UID. */

import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '../generated/types.gen.ts';
import type { Stored } from '../meta/object.ts';
import { bindCompleted, boundByController } from './annotations.ts';

/**
 * Is the volume reserved for this claim, by name? A reservation made by hand lacks the UID; one with the UID
 * of an earlier claim of that name is not for this claim.
 */
export function isReservedFor({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { name, namespace, uid } = spec?.claimRef ?? {};
  const isNamed = name === claim.metadata?.name && namespace === claim.metadata?.namespace;
  return isNamed && (!uid || uid === claim.metadata?.uid);
}

/** Has the binding been completed from both sides? A kubelet mounts nothing before. */
export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return !!spec?.volumeName && metadata?.annotations?.[bindCompleted] !== undefined;
}

/** The key `namespace/name` of the claim that the volume is reserved for. */
export function claimKeyOf({ spec }: PersistentVolume): string | undefined {
  return spec?.claimRef && `${spec.claimRef.namespace}/${spec.claimRef.name}`;
}

export function claimReference({ metadata }: Stored<PersistentVolumeClaim>): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    name,
    uid,
    ...(namespace ? { namespace } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}

/** The volume with the claim's reference in it; the same object when it has that already. */
export function reserveFor<T extends PersistentVolume>(volume: T, claim: Stored<PersistentVolumeClaim>): T {
  const isReserved = isReservedFor(volume, claim);
  if (isReserved && volume.spec?.claimRef?.uid === claim.metadata.uid) return volume;
  const reserved = { ...volume, spec: { ...volume.spec, claimRef: claimReference(claim) } };
  if (isReserved) return reserved;
  const annotations = { ...volume.metadata?.annotations };
  annotations[boundByController] ??= 'yes';
  return { ...reserved, metadata: { ...volume.metadata, annotations } };
}
