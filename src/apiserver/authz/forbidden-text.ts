/** Who may not do what, in upstream's words. */

import { forbidden, type StatusError } from '#api/meta/status.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { AuthorizationAttributes } from '../contract/authorization.ts';

export function notAllowed(attributes: AuthorizationAttributes, reason: string): StatusError {
  const { group, resource, name } = attributes;
  const text = sanitized(forbiddenText(attributes));
  return forbidden({ group, resource }, name, reason ? `${text}: ${reason}` : text);
}

function forbiddenText(attributes: AuthorizationAttributes): string {
  const { user, verb, group, resource, subresource, namespace, path } = attributes;
  const who = `User ${goQuoted(user.name)} cannot ${verb}`;
  if (!attributes.isResource) return `${who} path ${goQuoted(path)}`;
  const what = goQuoted(subresource ? `${resource}/${subresource}` : resource);
  const where = namespace ? `in the namespace ${goQuoted(namespace)}` : 'at the cluster scope';
  return `${who} resource ${what} in API group ${goQuoted(group)} ${where}`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A browser may show the text. */
function sanitized(text: string): string {
  return text.replace(/[&<>]/g, (sign) => entities[sign]!);
}
