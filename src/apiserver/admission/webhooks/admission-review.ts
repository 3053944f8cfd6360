/** The question that a webhook is asked: an AdmissionReview, as JSON. */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ReviewVersion } from './hook.ts';
import { namespaceOf } from './is-selected.ts';

/** The two objects in the version that the webhook's rules mean, as JSON. */
export interface ShownObjects {
  readonly object: string;
  readonly oldObject: string;
}

export function reviewText(
  version: ReviewVersion,
  uid: string,
  attributes: AdmissionAttributes,
  type: ResourceType,
  { object, oldObject }: ShownObjects,
): string {
  const { subresource, operation, user, dryRun } = attributes;
  const namespace = namespaceOf(attributes);
  // Upstream draws the name after the first phase, and keeps the attributes of the beginning in the second.
  const name = attributes.isNameDrawn ? '' : attributes.name;
  const before = JSON.stringify({
    uid,
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
  });
  const options = JSON.stringify(optionsOf(attributes));
  const request = `${before.slice(0, -1)},"object":${object},"oldObject":${oldObject},"dryRun":${dryRun},"options":${options}}`;
  return `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/${version}","request":${request}}`;
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

function optionsOf({ operation, deletion, dryRun, request }: AdmissionAttributes) {
  if (operation === 'CONNECT') return null;
  const fields =
    operation === 'DELETE' ? { ...deletion, ...(dryRun ? { dryRun: ['All'] } : {}) } : request?.options();
  return { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1', ...fields };
}
