/**
 * A request as webhooks and expressions are shown it: the fields of an AdmissionRequest but for its objects.
 * Empty fields are left out, as Go leaves them out.
 */

import { namespaces } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';

/** `type`: the request's resource, or the equivalent of it that a rule means. */
export function requestFields(attributes: AdmissionAttributes, type: ResourceType) {
  const { subresource, operation, user } = attributes;
  const namespace = namespaceOf(attributes);
  // Upstream draws the name after the first phase, and keeps the attributes of the beginning in the second.
  const name = attributes.isNameDrawn ? '' : attributes.name;
  return {
    kind: kindOf(attributes, type),
    resource: resourceOf(type),
    ...(subresource ? { subResource: subresource } : {}),
    requestKind: kindOf(attributes, attributes.type),
    requestResource: resourceOf(attributes.type),
    ...(subresource ? { requestSubResource: subresource } : {}),
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    operation,
    userInfo: userInfoOf(user),
  };
}

/** Upstream: a namespace lies in itself. */
export function namespaceOf(attributes: AdmissionAttributes): string {
  return isNamespace(attributes) ? attributes.name : attributes.namespace;
}

export function isNamespace({ type }: AdmissionAttributes): boolean {
  return type.group === '' && type.resource === namespaces.resource;
}

/** Of the object where it is one of another kind than the resource's: a Scale, an Eviction. */
function kindOf({ object, oldObject, type: own }: AdmissionAttributes, type: ResourceType) {
  const { kind = own.kind, apiVersion = '' } = (object ?? oldObject ?? {}) as Partial<AnyObject>;
  if (kind === own.kind) return { group: type.group, version: type.version, kind };
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(0, slash)), version: apiVersion.slice(slash + 1), kind };
}

function resourceOf({ group, version, resource }: ResourceType) {
  return { group, version, resource };
}

function userInfoOf({ name, uid, groups, extra = {} }: UserInfo) {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

const optionsKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** Null for a connection. */
export function optionsOf({ operation, deletion, dryRun, request }: AdmissionAttributes) {
  if (operation === 'CONNECT') return null;
  const fields =
    operation === 'DELETE' ? { ...deletion, ...(dryRun ? { dryRun: ['All'] } : {}) } : request?.options();
  return { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1', ...fields };
}
