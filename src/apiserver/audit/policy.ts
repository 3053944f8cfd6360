/**
 * An audit policy (`audit.k8s.io/v1`): the first rule that matches a request decides the level and the stages of
 * its events. A request without a matching rule is not recorded.
 */

import type { AuthorizationAttributes } from '../contract/authorization.ts';

export const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof levels)[number];

export const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof stages)[number];

export interface GroupResources {
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface PolicyRule {
  readonly level: Level;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface Policy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** Level and stages of a request's events. */
export interface AuditConfig {
  readonly level: Level;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** A request whose authentication failed has no user. */
export type AuditedAttributes = Omit<AuthorizationAttributes, 'user'> &
  Partial<Pick<AuthorizationAttributes, 'user'>>;

export function atLeast(level: Level, other: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(other);
}

/** Returns the function that finds the configuration of a request; the configuration of each rule is made once. */
export function policyEvaluator(policy: Policy): (attributes: AuditedAttributes) => AuditConfig {
  const { omitManagedFields = false, omitStages = [] } = policy;
  const prepared = policy.rules.map((rule) => ({
    rule,
    config: {
      level: rule.level,
      omitStages: new Set([...omitStages, ...(rule.omitStages ?? [])]),
      omitManagedFields: rule.omitManagedFields ?? omitManagedFields,
    },
  }));
  const unmet: AuditConfig = { level: 'None', omitStages: new Set(omitStages), omitManagedFields };
  return (attributes) => prepared.find(({ rule }) => isMet(rule, attributes))?.config ?? unmet;
}

function isMet(rule: PolicyRule, attributes: AuditedAttributes): boolean {
  const { user, verb } = attributes;
  const { users = [], userGroups = [], verbs = [], resources = [], namespaces = [] } = rule;
  if (users.length > 0 && !(user && users.includes(user.name))) return false;
  if (userGroups.length > 0 && !user?.groups.some((group) => userGroups.includes(group))) return false;
  if (verbs.length > 0 && !verbs.includes(verb)) return false;
  if (namespaces.length > 0 || resources.length > 0) return meetsResource(rule, attributes);
  const { nonResourceURLs = [] } = rule;
  if (nonResourceURLs.length === 0) return true;
  return !attributes.isResource && nonResourceURLs.some((spec) => meetsPath(spec, attributes.path));
}

function meetsPath(spec: string, path: string): boolean {
  if (spec === '*' || spec === path) return true;
  return spec.endsWith('*') && path.startsWith(spec.slice(0, -1));
}

function meetsResource(
  { resources = [], namespaces = [] }: PolicyRule,
  attributes: AuditedAttributes,
): boolean {
  if (!attributes.isResource) return false;
  if (namespaces.length > 0 && !namespaces.includes(attributes.namespace)) return false;
  return resources.length === 0 || resources.some((wanted) => meetsGroupResources(wanted, attributes));
}

function meetsGroupResources(
  { group = '', resources = [], resourceNames = [] }: GroupResources,
  attributes: AuditedAttributes,
): boolean {
  if (group !== '*' && group !== attributes.group) return false;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(attributes.name)) return false;
  const { resource, subresource } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (wanted) =>
      wanted === '*' ||
      wanted === full ||
      (subresource !== '' && wanted === `*/${subresource}`) ||
      wanted === `${resource}/*`,
  );
}
