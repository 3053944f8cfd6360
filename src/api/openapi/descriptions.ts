/**
 * What `kubectl explain` says of the fields that every object has. In words of this project's own: the schema is built
 * without the prose of the published documents.
 */

import type { FieldDef, TypeDef } from '../schema/schema.ts';

export const objectMetaType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
export const listMetaType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

export const rootDescriptions = {
  apiVersion: 'APIVersion defines in which version of its group this object is written.',
  kind: 'Kind names the type of this object, in CamelCase. It never changes.',
  metadata: "Standard object's metadata: name, labels, owners and what the server notes of it.",
} as const;

const metadataDescriptions: Readonly<Record<string, string>> = {
  name: 'Name is unique among the objects of this resource in a namespace, and never changes.',
  generateName: 'GenerateName is the beginning of a name that the server completes when none is given.',
  namespace: 'Namespace is where the name is unique. Objects of the whole cluster have none.',
  selfLink: 'SelfLink is no longer set.',
  uid: 'UID belongs to this object alone, also among those that had its name before. Set by the server.',
  resourceVersion:
    'ResourceVersion changes with every write. An update that gives it fails when it is not the newest.',
  generation: 'Generation counts the changes of what is desired. Set by the server.',
  creationTimestamp:
    'CreationTimestamp is a timestamp of the server, taken when the object was created. RFC 3339, UTC.',
  deletionTimestamp:
    'DeletionTimestamp is when the object may go: from the request to delete it on, until its finalizers are gone.',
  deletionGracePeriodSeconds:
    'DeletionGracePeriodSeconds is how long it has to end. It can only be shortened.',
  labels: 'Labels are short keys and values by which objects are selected.',
  annotations: 'Annotations are keys and values that tools keep with an object. They cannot be selected by.',
  ownerReferences:
    'OwnerReferences name the objects without which this one is deleted too. One of them may control it.',
  finalizers: 'Finalizers must all be removed, each by its component, before a deleted object goes.',
  managedFields: 'ManagedFields says who has set which fields, for server-side apply. Kept by the server.',
};

/** Undefined for what is said nowhere. */
export function descriptionOf(type: TypeDef, field: FieldDef): string | undefined {
  if (type.name === objectMetaType) return metadataDescriptions[field.name];
  if (!isRoot(type)) return undefined;
  return Object.hasOwn(rootDescriptions, field.name)
    ? rootDescriptions[field.name as keyof typeof rootDescriptions]
    : undefined;
}

/** The type of a kind. */
function isRoot({ fields }: TypeDef): boolean {
  const { type } = fields.get('metadata') ?? {};
  return (
    fields.has('apiVersion') && fields.has('kind') && type?.kind === 'object' && type.name === objectMetaType
  );
}
