/** The variables of a policy's expressions in a request. */

import { requestResource } from '#api/cel/environments/admission.ts';
import { type AccessQuestion, AuthorizerValue, resourceCheckOf } from '#api/cel/library/authorizer.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { parseFieldSelector } from '#api/selectors/field-selector.ts';
import { parseLabelRequirements } from '#api/selectors/parser.ts';
import { SelectorError } from '#api/selectors/requirement.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { AuthorizationAttributes, Authorizer } from '../../contract/authorization.ts';
import type { Bindings } from './decide.ts';

/** `matched`: the resource that the policy's rules mean, in whose version the objects are. */
export function requestBindings(
  attributes: AdmissionAttributes,
  matched: ResourceType,
  objects: { object: AnyObject | null; oldObject: AnyObject | null },
  namespaceObject: AnyObject | null,
): Bindings {
  const { type, subresource, name, namespace, operation, user, dryRun } = attributes;
  const request = withoutEmpty({
    kind: kindOf(matched),
    resource: resourceOf(matched),
    subResource: subresource,
    requestKind: kindOf(type),
    requestResource: resourceOf(type),
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: withoutEmpty({ username: user.name, uid: user.uid, groups: user.groups, extra: user.extra }),
    dryRun,
  });
  return { ...objects, request, namespaceObject };
}

const kindOf = ({ group, version, kind }: ResourceType) => ({ group, version, kind });
const resourceOf = ({ group, version, resource }: ResourceType) => ({ group, version, resource });

/** Go leaves out empty fields of a request. */
function withoutEmpty(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== '' && value !== undefined),
  );
}

/** `authorizer` and `authorizer.requestResource`, for the user of the request. */
export function authorizerBindings(authorizer: Authorizer, attributes: AdmissionAttributes): Bindings {
  const value = new AuthorizerValue(attributes.user, (question) => ask(authorizer, question));
  const { type, subresource, namespace, name } = attributes;
  const resource = { resource: type.resource, subresource, namespace, name };
  return { authorizer: value, [requestResource]: resourceCheckOf(value, type.group, resource) };
}

function ask(authorizer: Authorizer, question: AccessQuestion) {
  const decision = authorizer.authorize(authorizationOf(question));
  // The authorizers of this server answer from memory; expressions cannot wait for another.
  if (decision instanceof Promise) {
    return { isAllowed: false, reason: '', error: 'the authorizer cannot answer an expression' };
  }
  return { isAllowed: decision.decision === 'allow', reason: decision.reason, error: '' };
}

function authorizationOf(question: AccessQuestion): AuthorizationAttributes {
  const { user, verb } = question;
  const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  if ('path' in question) return { ...nothing, user, verb, isResource: false, path: question.path };
  const { fieldSelector, labelSelector, ...resource } = question;
  return {
    ...resource,
    version: '*',
    isResource: true,
    path: '',
    ...unlessWrong(() =>
      fieldSelector ? { fieldSelector: parseFieldSelector(fieldSelector).requirements } : {},
    ),
    ...unlessWrong(() => (labelSelector ? { labelSelector: parseLabelRequirements(labelSelector) } : {})),
  };
}

/** A selector that cannot be parsed counts as none. */
function unlessWrong<T extends object>(parse: () => T): T | object {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) return {};
    throw error;
  }
}
