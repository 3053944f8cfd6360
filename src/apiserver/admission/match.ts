/**
 * Which requests a list of rules means: for built-in plugins, for webhooks and for policies alike.
 *
 * Only by what is known of a request before its object is read. The `namespaceSelector`, `objectSelector` and
 * `matchConditions` of a webhook are checked by the plugin that calls it, for each request that its rules match.
 */

import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionOperation, AdmissionRule } from '../contract/admission.ts';

/**
 * Of a resource and its equivalents in other groups and versions, the one that the rules mean: the request's
 * own, which is the first, before all others, then as the earlier rule says. With matchPolicy Exact there is
 * but the request's own.
 */
export function matchedResource(
  rules: readonly AdmissionRule[],
  operation: AdmissionOperation,
  [own, ...equivalents]: readonly [ResourceType, ...ResourceType[]],
  subresource: string,
): ResourceType | undefined {
  if (rules.some((rule) => matches(rule, operation, own, subresource))) return own;
  for (const rule of rules) {
    const found = equivalents.find((type) => matches(rule, operation, type, subresource));
    if (found) return found;
  }
  return undefined;
}

function matches(
  rule: AdmissionRule,
  operation: AdmissionOperation,
  { group, version, resource, namespaced }: ResourceType,
  subresource: string,
): boolean {
  return (
    includes(rule.operations, operation) &&
    includes(rule.apiGroups, group) &&
    includes(rule.apiVersions, version) &&
    isInScope(rule, namespaced) &&
    rule.resources.some((name) => namesResource(name, resource, subresource))
  );
}

function includes(items: readonly string[], wanted: string): boolean {
  return items.some((item) => item === '*' || item === wanted);
}

function isInScope({ scope = '*' }: AdmissionRule, namespaced: boolean): boolean {
  return scope === '*' || (scope === 'Namespaced') === namespaced;
}

function namesResource(name: string, resource: string, subresource: string): boolean {
  const slash = name.indexOf('/');
  const [main, sub] = slash < 0 ? [name, ''] : [name.slice(0, slash), name.slice(slash + 1)];
  return (main === '*' || main === resource) && (sub === '*' || sub === subresource);
}
