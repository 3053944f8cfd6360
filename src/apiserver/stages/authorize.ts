/** Refuses with 403 what no authorizer allows. */

import { forbidden } from '#api/status.ts';
import { decide } from '../authorize-request.ts';
import { selectorsOfRequest } from '../authz/selectors.ts';
import type { AuthorizationAttributes, AuthorizationDecision } from '../contract.ts';
import type { Exchange } from '../exchange.ts';

export function authorize(exchange: Exchange): undefined | Promise<undefined> {
  const { isResource, path, verb, group, version, resource, subresource, namespace, name } = exchange.info;
  const attributes: AuthorizationAttributes = {
    user: exchange.user,
    isResource,
    path,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    ...selectorsOfRequest(exchange.info),
  };
  const answer = decide(exchange.core.authorizers, attributes);
  return answer instanceof Promise
    ? answer.then((given) => judge(given, attributes))
    : judge(answer, attributes);
}

function judge({ decision, reason }: AuthorizationDecision, attributes: AuthorizationAttributes): undefined {
  if (decision === 'allow') return undefined;
  const { group, resource, name } = attributes;
  throw forbidden({ group, resource }, name, forbiddenText(attributes, reason));
}

function forbiddenText(attributes: AuthorizationAttributes, reason: string): string {
  const { user, verb, group, resource, subresource, namespace, path } = attributes;
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  const text = attributes.isResource
    ? `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`
    : `User "${user.name}" cannot ${verb} path "${path}"`;
  return reason ? `${text}: ${reason}` : text;
}
