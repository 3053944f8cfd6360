/** Which requests a FlowSchema matches: by user, and by what is requested. */

import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  ResourcePolicyRule,
  FlowcontrolV1Subject as Subject,
} from '#api/generated/types.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { RequestInfo } from '../../contract/request-info.ts';

type UserRule = (user: UserInfo) => boolean;
type RequestRule = (info: RequestInfo) => boolean;

export type FlowRules = (user: UserInfo, info: RequestInfo) => boolean;

const compiledRules = new WeakMap<FlowSchemaSpec, FlowRules>();

/**
 * Compiled once: every request is matched against a dozen schemas, and a change of one schema leaves the others as
 * they are.
 */
export function flowRules(spec: FlowSchemaSpec): FlowRules {
  const known = compiledRules.get(spec) ?? compile(spec);
  compiledRules.set(spec, known);
  return known;
}

function compile({ rules = [] }: FlowSchemaSpec): FlowRules {
  const compiled = rules.map(({ subjects = [], resourceRules = [], nonResourceRules = [] }) => ({
    subjects: subjects.map(userRule),
    resources: resourceRules.map(resourceRule),
    paths: nonResourceRules.map(pathRule),
  }));
  return (user, info) => {
    for (const { subjects, resources, paths } of compiled) {
      if (anyOf(info.isResource ? resources : paths, info) && anyOf(subjects, user)) return true;
    }
    return false;
  };
}

/** Faster than `some` for few rules: it makes no closure. */
function anyOf<T>(rules: readonly ((value: T) => boolean)[], value: T): boolean {
  for (let i = 0; i < rules.length; i++) if (rules[i]!(value)) return true;
  return false;
}

const accountPrefix = 'system:serviceaccount:';

function userRule({ kind, user, group, serviceAccount }: Subject): UserRule {
  if (kind === 'User' && user) {
    return user.name === '*' ? () => true : ({ name }) => name === user.name;
  }
  if (kind === 'Group' && group) {
    return group.name === '*' ? () => true : ({ groups }) => groups.includes(group.name);
  }
  if (kind === 'ServiceAccount' && serviceAccount) {
    const prefix = `${accountPrefix}${serviceAccount.namespace}:`;
    if (serviceAccount.name === '*') return ({ name }) => name.startsWith(prefix);
    return ({ name }) => name === prefix + serviceAccount.name;
  }
  return () => false;
}

function resourceRule(rule: ResourcePolicyRule): RequestRule {
  const verbs = oneOf(rule.verbs);
  const groups = oneOf(rule.apiGroups);
  const resources = oneOf(rule.resources);
  const namespaces = oneOf(rule.namespaces ?? []);
  return (info) =>
    verbs(info.verb) &&
    resources(info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`) &&
    groups(info.group) &&
    (info.namespace === '' ? rule.clusterScope === true : namespaces(info.namespace));
}

function oneOf(values: readonly string[]): (value: string) => boolean {
  if (values.length === 1 && values[0] === '*') return () => true;
  return (value) => values.includes(value);
}

/** A path also matches everything below it, with or without a `*` at its end. */
function pathRule({ verbs: allowed, nonResourceURLs: urls }: NonResourcePolicyRule): RequestRule {
  const verbs = oneOf(allowed);
  const below = urls.map((url) => {
    const prefix = url.endsWith('*') ? url.slice(0, -1) : url;
    return prefix.endsWith('/') ? prefix : `${prefix}/`;
  });
  return ({ verb, path }) =>
    verbs(verb) &&
    (urls.includes('*') || urls.includes(path) || below.some((prefix) => path.startsWith(prefix)));
}
