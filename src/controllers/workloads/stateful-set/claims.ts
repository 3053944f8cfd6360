/**
 * The claims of a StatefulSet's pods: created before the pod, outliving it, and owned as the retention policy
 * says: by the set when they are deleted with it, by a pod being scaled down when they are deleted with the
 * pod.
 */

import { persistentVolumeClaims, pods as podsType, statefulSets } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '#api/generated/types.gen.ts';
import type { OwnerReference, Stored } from '#api/meta/object.ts';
import type { Action } from '#client/controllers/plan.ts';
import { controllerReference } from '../../shared/ownership/ownership.ts';

export function claimName(template: PersistentVolumeClaim, pod: string): string {
  return `${template.metadata?.name}-${pod}`;
}

export function claimsOf(set: Stored<StatefulSet>, pod: string): PersistentVolumeClaim[] {
  if (!set.spec?.volumeClaimTemplates?.length) return [];
  const owners = ownersWanted(set, undefined);
  const { selector } = set.spec;
  return set.spec.volumeClaimTemplates.map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimName(template, pod),
      namespace: set.metadata.namespace!,
      labels: { ...template.metadata?.labels, ...selector.matchLabels },
      ...(owners.length > 0 ? { ownerReferences: owners } : {}),
    },
    ...(template.spec ? { spec: template.spec } : {}),
  }));
}

/** `leaving`: the pod, when it is being scaled down. */
function ownersWanted(set: Stored<StatefulSet>, leaving: Stored<Pod> | undefined): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  if (leaving && whenScaled === 'Delete') return [controllerReference(podsType, leaving)];
  return whenDeleted === 'Delete' ? [controllerReference(statefulSets, set)] : [];
}

/**
 * Sets the owners that the policy wants on the claims of this pod; a claim of another controller is left
 * alone.
 */
export function settleOwners(
  set: Stored<StatefulSet>,
  pod: Stored<Pod>,
  isLeaving: boolean,
  claimNamed: (name: string) => Stored<PersistentVolumeClaim> | undefined,
): Action[] {
  if (!set.spec?.volumeClaimTemplates?.length) return [];
  const wanted = ownersWanted(set, isLeaving ? pod : undefined);
  const isOurs = ({ kind, name }: OwnerReference) =>
    (kind === statefulSets.kind && name === set.metadata.name) ||
    (kind === podsType.kind && name === pod.metadata.name);
  return set.spec.volumeClaimTemplates.flatMap((template): Action[] => {
    const object = claimNamed(claimName(template, pod.metadata.name));
    if (!object || object.metadata.deletionTimestamp) return [];
    const owners = object.metadata.ownerReferences ?? [];
    const others = owners.filter((owner) => !isOurs(owner));
    if (others.some(({ controller }) => controller)) return [];
    const isSettled =
      owners.length === others.length + wanted.length && wanted.every((owner) => has(owners, owner));
    if (isSettled) return [];
    const metadata = { ...object.metadata, ownerReferences: [...others, ...wanted] };
    return [{ do: 'update', type: persistentVolumeClaims, object: { ...object, metadata } }];
  });
}

function has(owners: readonly OwnerReference[], wanted: OwnerReference): boolean {
  return owners.some(({ uid, controller }) => uid === wanted.uid && controller === true);
}
