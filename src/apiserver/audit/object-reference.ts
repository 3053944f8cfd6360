/** The `objectRef` of audit events: what the path says of the object, completed by the object of the request's body. */

import type { RequestInfo } from '../contract/request-info.ts';
import type { ObjectReference } from './event.ts';

/** The parts of an object that its reference needs. */
interface Referable {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

export function referenceOf(info: RequestInfo): ObjectReference {
  const { resource, namespace, name, group, version, subresource } = info;
  return { resource, namespace, name, apiGroup: group, apiVersion: version, subresource };
}

/** Name and namespace of the path stay. */
export function completeReference(reference: ObjectReference, object: object): void {
  const { name, namespace, uid, resourceVersion } = (object as Referable).metadata ?? {};
  if (!reference.namespace && namespace) reference.namespace = namespace;
  if (!reference.name && name) reference.name = name;
  if (uid) reference.uid = uid;
  if (resourceVersion) reference.resourceVersion = resourceVersion;
}

/** In upstream's order, without empty fields; a copy, as later stages may set more fields. */
export function recordedReference(reference: ObjectReference): ObjectReference {
  const { resource, namespace, name, uid, apiGroup, apiVersion, resourceVersion, subresource } = reference;
  const all = { resource, namespace, name, uid, apiGroup, apiVersion, resourceVersion, subresource };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value)) as ObjectReference;
}
