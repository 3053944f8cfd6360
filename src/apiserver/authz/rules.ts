/** What one RBAC rule allows, and whether a set of rules covers another (for escalation checks). */

import type { PolicyRule } from '#api/generated/types.gen.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import type { AuthorizationAttributes } from '../contract/authorization.ts';

type Asked = Pick<
  AuthorizationAttributes,
  'verb' | 'isResource' | 'path' | 'group' | 'resource' | 'subresource' | 'name'
>;

export function ruleAllows(rule: PolicyRule, asked: Asked): boolean {
  if (!holds(rule.verbs, asked.verb)) return false;
  if (!asked.isResource) return urlMatches(rule.nonResourceURLs, asked.path);
  return (
    holds(rule.apiGroups, asked.group) &&
    resourceMatches(rule.resources, asked.resource, asked.subresource) &&
    nameMatches(rule.resourceNames, asked.name)
  );
}

/** `*` or the value itself. */
function holds(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value));
}

function resourceMatches(
  list: readonly string[] | undefined,
  resource: string,
  subresource: string,
): boolean {
  if (!list) return false;
  if (list.includes('*')) return true;
  if (subresource === '') return list.includes(resource);
  return list.includes(`${resource}/${subresource}`) || list.includes(`*/${subresource}`);
}

function nameMatches(list: readonly string[] | undefined, name: string): boolean {
  return list === undefined || list.length === 0 || list.includes(name);
}

function urlMatches(patterns: readonly string[] | undefined, path: string): boolean {
  if (!patterns) return false;
  return patterns.some(
    (pattern) =>
      pattern === '*' ||
      pattern === path ||
      (pattern.endsWith('*') && path.startsWith(withoutEnding(pattern, '*'))),
  );
}

/** The rules of `wanted`, taken apart into single verbs and resources, that no rule of `owned` covers. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !owned.some((rule) => covers(rule, single)));
}

function covers(owner: PolicyRule, wanted: PolicyRule): boolean {
  if (!superset(owner.verbs, wanted.verbs)) return false;
  if (wanted.nonResourceURLs?.length) {
    return wanted.nonResourceURLs.every((url) => urlMatches(owner.nonResourceURLs, url));
  }
  const names = owner.resourceNames ?? [];
  return (
    superset(owner.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((resource) => resourceCovered(owner.resources, resource)) &&
    (names.length === 0 ||
      ((wanted.resourceNames ?? []).length > 0 &&
        wanted.resourceNames!.every((name) => names.includes(name))))
  );
}

function superset(owner: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  return (owner ?? []).includes('*') || (wanted ?? []).every((name) => owner?.includes(name));
}

function resourceCovered(owner: readonly string[] | undefined, wanted: string): boolean {
  if (!owner) return false;
  if (owner.includes('*') || owner.includes(wanted)) return true;
  const subresource = wanted.split('/')[1];
  return subresource !== undefined && owner.includes(`*/${subresource}`);
}

/** A rule that has not been validated may lack its verbs. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const verbs = rule.verbs ?? [];
  const urls = (rule.nonResourceURLs ?? []).flatMap((url) =>
    verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
  );
  const resources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) => verbs.flatMap((verb) => named(rule, group, resource, verb))),
  );
  return [...resources, ...urls];
}

function named(rule: PolicyRule, group: string, resource: string, verb: string): PolicyRule[] {
  const single = { apiGroups: [group], resources: [resource], verbs: [verb] };
  const names = rule.resourceNames ?? [];
  return names.length === 0 ? [single] : names.map((name) => ({ ...single, resourceNames: [name] }));
}

/** As upstream's CompactString: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function ruleText(rule: PolicyRule): string {
  const part = (label: string, list: readonly string[] | undefined) =>
    list && list.length > 0 ? [`${label}:[${list.map((name) => JSON.stringify(name)).join(' ')}]`] : [];
  const parts = [
    ...part('APIGroups', rule.apiGroups),
    ...part('Resources', rule.resources),
    ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('ResourceNames', rule.resourceNames),
    ...part('Verbs', rule.verbs),
  ];
  return `{${parts.join(', ')}}`;
}
