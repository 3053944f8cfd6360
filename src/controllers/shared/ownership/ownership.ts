/** The controller of an object, and the objects of a controller. */

import { controllerOf } from '#api/meta/controller-of.ts';
import type { KubeObject, OwnerReference, Stored } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { Informer, Lister } from '#client/informers/informer.ts';

const ownerIndex = 'controller';

/** The controller of an object, if it is of this group and kind. */
export function controllerOfType(object: KubeObject, type: ResourceType): OwnerReference | undefined {
  const owner = controllerOf(object);
  if (!owner || owner.kind !== type.kind) return undefined;
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : '';
  return group === type.group ? owner : undefined;
}

export function controllerReference(type: ResourceType, owner: Stored<KubeObject>): OwnerReference {
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The controller of an object, if it is among these. */
export function ownerIn<O extends KubeObject>(
  owners: Lister<O>,
  type: ResourceType<O>,
  object: Stored<KubeObject>,
): Stored<O> | undefined {
  const reference = controllerOfType(object, type);
  const owner = reference && owners.get(object.metadata.namespace, reference.name);
  return owner && owner.metadata.uid === reference.uid ? owner : undefined;
}

/** Indexes objects by their controller, and those without one by namespace. */
export function indexByOwner<T extends KubeObject>(objects: Informer<T>): void {
  objects.addIndex(ownerIndex, (object) => [
    controllerOf(object)?.uid ?? orphanKey(object.metadata.namespace),
  ]);
}

export function ownedBy<T extends KubeObject>(objects: Lister<T>, ownerUid: string): Stored<T>[] {
  return objects.byIndex(ownerIndex, ownerUid);
}

/** The objects that an owner may claim: its own and the orphans of its namespace. */
export function claimable<T extends KubeObject>(objects: Lister<T>, owner: Stored<KubeObject>): Stored<T>[] {
  const orphans = objects.byIndex(ownerIndex, orphanKey(owner.metadata.namespace));
  return [...ownedBy(objects, owner.metadata.uid), ...orphans];
}

function orphanKey(namespace: string | undefined): string {
  return `orphan in ${namespace ?? ''}`;
}
