/** The variables of expressions about a request: of match conditions and of policies. */

import { requestResource } from '#api/cel/environments/admission.ts';
import { AuthorizerValue, resourceCheckOf } from '#api/cel/library/authorizer.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import { namespaceOf, optionsOf, requestFields } from '../objects/admission-request.ts';
import { askAuthorizer } from './ask-authorizer.ts';

type Bindings = Readonly<Record<string, unknown>>;

/** `matched`: the resource that the rules mean, in whose version the objects are. */
export function requestBindings(
  attributes: AdmissionAttributes,
  matched: ResourceType,
  objects: { object: AnyObject | null; oldObject: AnyObject | null },
  namespaceObject: AnyObject | null,
): Bindings {
  const { dryRun } = attributes;
  const request = { ...requestFields(attributes, matched), dryRun, options: optionsOf(attributes) };
  return { ...objects, request, namespaceObject };
}

/** `authorizer` and `authorizer.requestResource`, for the user of the request. */
export function authorizerBindings(authorizer: Authorizer, attributes: AdmissionAttributes): Bindings {
  const { user, type, subresource, name } = attributes;
  const value = new AuthorizerValue(user, (question) => askAuthorizer(authorizer, attributes, question));
  const resource = { resource: type.resource, subresource, namespace: namespaceOf(attributes), name };
  return { authorizer: value, [requestResource]: resourceCheckOf(value, type.group, resource) };
}
