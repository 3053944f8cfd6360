/**
 * Attribute-based access control: the policies of a file, one JSON object in each line, of which each may allow what it
 * matches. Policies without a version are read in their old meaning.
 */

import type { PolicyRule } from '#api/generated/types.gen.ts';
import { groupAuthenticated, type UserInfo } from '#api/meta/user.ts';
import { errorText } from '#base/text/error-text.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { AuthorizationAttributes, Authorizer } from '../../contract/authorization.ts';

interface Policy {
  readonly user: string;
  readonly group: string;
  readonly readonly: boolean;
  readonly apiGroup: string;
  readonly resource: string;
  readonly namespace: string;
  readonly nonResourcePath: string;
}

const version = 'abac.authorization.kubernetes.io/v1beta1';
const readOnlyVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Throws an Error that names the line which is wrong. */
export function readAbacPolicies(path: string, text: string): readonly Policy[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    try {
      return [policyOf(JSON.parse(trimmed))];
    } catch (error) {
      throw new Error(`error reading policy file ${path}, line ${index + 1}: ${line}: ${errorText(error)}`);
    }
  });
}

export function abacAuthorizer(policies: readonly Policy[]): Authorizer {
  return {
    name: 'abac',
    authorize(attributes) {
      const isAllowed = policies.some((policy) => matches(policy, attributes));
      return isAllowed
        ? { decision: 'allow', reason: '' }
        : { decision: 'noOpinion', reason: 'No policy matched.' };
    },
  };
}

/** The rules that the policies give a user in a namespace, as a review lists them. */
export function abacRules(policies: readonly Policy[], user: UserInfo, namespace: string): PolicyRule[] {
  return policies
    .filter((policy) => matchesSubject(policy, user) && isAny(policy.namespace, namespace))
    .flatMap(({ readonly: isReadonly, apiGroup, resource, nonResourcePath }) => {
      const verbs = isReadonly ? [...readOnlyVerbs] : ['*'];
      return [
        ...(resource ? [{ verbs, apiGroups: [apiGroup], resources: [resource] }] : []),
        ...(nonResourcePath ? [{ verbs, nonResourceURLs: [nonResourcePath] }] : []),
      ];
    });
}

function policyOf(document: unknown): Policy {
  if (!isJsonObject(document)) throw new Error('it is not an object');
  const { apiVersion, kind, spec } = document;
  if (apiVersion === undefined || kind === undefined) return inOldMeaning(fieldsOf(document));
  if (apiVersion !== version || kind !== 'Policy') {
    throw new Error(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    );
  }
  const policy = fieldsOf(isJsonObject(spec) ? spec : {});
  return hasEveryone(policy) ? { ...policy, user: '', group: groupAuthenticated } : policy;
}

/** What is left out matches everything. */
function inOldMeaning(policy: Policy): Policy {
  const { user, group, resource, namespace } = policy;
  const isForAll = hasEveryone(policy) || (user === '' && group === '');
  return {
    ...policy,
    ...(isForAll ? { user: '', group: groupAuthenticated } : {}),
    apiGroup: '*',
    resource: resource || '*',
    namespace: namespace || '*',
    nonResourcePath: resource === '' && namespace === '' ? '*' : '',
  };
}

function hasEveryone({ user, group }: Policy): boolean {
  return user === '*' || group === '*';
}

function fieldsOf(fields: JsonObject): Policy {
  const text = (name: string): string => {
    const value = fields[name] ?? '';
    if (typeof value === 'string') return value;
    throw new Error(`${name} is not a text`);
  };
  const isReadonly = fields['readonly'] ?? false;
  if (typeof isReadonly !== 'boolean') throw new Error('readonly is not true or false');
  return {
    user: text('user'),
    group: text('group'),
    readonly: isReadonly,
    apiGroup: text('apiGroup'),
    resource: text('resource'),
    namespace: text('namespace'),
    nonResourcePath: text('nonResourcePath'),
  };
}

function matches(policy: Policy, attributes: AuthorizationAttributes): boolean {
  if (!matchesSubject(policy, attributes.user)) return false;
  if (policy.readonly && !readOnlyVerbs.has(attributes.verb)) return false;
  return attributes.isResource ? matchesResource(policy, attributes) : matchesPath(policy, attributes);
}

/** User and group must match where they are set; at least one must be. */
function matchesSubject({ user, group }: Policy, asking: UserInfo): boolean {
  if (user === '' && group === '') return false;
  return (user === '' || user === asking.name) && (group === '' || asking.groups.includes(group));
}

function matchesResource(policy: Policy, { namespace, resource, group }: AuthorizationAttributes): boolean {
  return (
    isAny(policy.namespace, namespace) && isAny(policy.resource, resource) && isAny(policy.apiGroup, group)
  );
}

function isAny(pattern: string, value: string): boolean {
  return pattern === '*' || pattern === value;
}

function matchesPath({ nonResourcePath }: Policy, { path }: AuthorizationAttributes): boolean {
  if (nonResourcePath === '*' || nonResourcePath === path) return true;
  return nonResourcePath.endsWith('*') && path.startsWith(nonResourcePath.replace(/\*+$/, ''));
}
