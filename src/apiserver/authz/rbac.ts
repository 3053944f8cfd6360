/**
 * Authorizes by Roles and Bindings, read from the cache.
 *
 * Bindings are indexed by subject. They are listed again only when some binding has changed, and an index is rebuilt only
 * when those that it was made of have (the cache shares objects, so that comparing references is enough). A question
 * then touches only the bindings of this user and his groups.
 */

import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '#api/generated/kinds.gen.ts';
import type { ClusterRoleBinding, PolicyRule, RoleBinding, Subject } from '#api/generated/types.gen.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { groupMasters, type UserInfo } from '#api/meta/user.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import { ownValue } from '#base/own-value.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../contract/authorization.ts';
import type { CountingReader } from '../contract/stored-objects.ts';
import { readObject, readObjects } from '../contract/typed-reader.ts';
import { ruleAllows } from './rules.ts';

const namespaceIndexesMax = 4096;

/** A rule that a user has, and the binding that grants it. */
export interface GrantedRule {
  readonly rule: PolicyRule;
  /** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. */
  readonly source: () => string;
}

export interface RuleResolver {
  /**
   * Calls `visit` for every rule this user has in the namespace (cluster-wide ones first) until it returns
   * true. Returns what went wrong on the way: bindings to roles that do not exist.
   */
  visitRules(user: UserInfo, namespace: string, visit: (granted: GrantedRule) => boolean): string[];
  /** The rules of a role that a binding in `namespace` refers to; undefined when there is no such role. */
  rulesOf(roleRef: { kind: string; name: string }, namespace: string): readonly PolicyRule[] | undefined;
}

export const mastersAuthorizer: Authorizer = {
  name: 'SystemMasters',
  authorize({ user }) {
    return user.groups.includes(groupMasters) ? { decision: 'allow', reason: '' } : noOpinion;
  },
};

const noOpinion: AuthorizationDecision = { decision: 'noOpinion', reason: '' };

export function rbacAuthorizer(resolver: RuleResolver): Authorizer {
  return {
    name: 'RBAC',
    authorize: (attributes) => decide(resolver, attributes),
  };
}

function decide(resolver: RuleResolver, attributes: AuthorizationAttributes): AuthorizationDecision {
  let allowedBy: GrantedRule | undefined;
  const failures = resolver.visitRules(attributes.user, attributes.namespace, (granted) => {
    if (!ruleAllows(granted.rule, attributes)) return false;
    allowedBy = granted;
    return true;
  });
  if (allowedBy) return { decision: 'allow', reason: `RBAC: allowed by ${allowedBy.source()}` };
  return failures.length === 0
    ? noOpinion
    : { decision: 'noOpinion', reason: `RBAC: ${aggregateText(failures)}` };
}

type Binding = RoleBinding | ClusterRoleBinding;

interface BoundSubject {
  readonly binding: Binding;
  readonly subject: Subject;
}

interface BindingIndex {
  /** Of the resource, when `list` was compared last. */
  changes: number;
  readonly list: readonly Binding[];
  /** By the name of the subject; ServiceAccounts under the user name that they authenticate as. */
  readonly users: ReadonlyMap<string, readonly BoundSubject[]>;
  readonly groups: ReadonlyMap<string, readonly BoundSubject[]>;
}

export function ruleResolver(reader: CountingReader): RuleResolver {
  let clusterIndex: BindingIndex | undefined;
  const namespaceIndexes = new RecentMap<string, BindingIndex>(namespaceIndexesMax);

  function clusterBindings(): BindingIndex {
    const changes = reader.changes(clusterRoleBindings);
    if (clusterIndex?.changes !== changes) {
      clusterIndex = refreshed(clusterIndex, readObjects(reader, clusterRoleBindings), '', changes);
    }
    return clusterIndex;
  }

  function namespaceBindings(namespace: string): BindingIndex {
    const changes = reader.changes(roleBindings);
    const known = namespaceIndexes.get(namespace);
    if (known?.changes === changes) return known;
    const index = refreshed(known, readObjects(reader, roleBindings, namespace), namespace, changes);
    if (index !== known) namespaceIndexes.set(namespace, index);
    return index;
  }

  function rulesOf(roleRef: { kind: string; name: string }, namespace: string): PolicyRule[] | undefined {
    const role =
      roleRef.kind === 'ClusterRole'
        ? readObject(reader, clusterRoles, '', roleRef.name)
        : readObject(reader, roles, namespace, roleRef.name);
    return role && (role.rules ?? []);
  }

  return {
    rulesOf,
    visitRules(user, namespace, visit) {
      const failures: string[] = [];
      const visitIndex = (index: BindingIndex, inNamespace: string) => {
        const visitBound = (bound: BoundSubject) => {
          const rules = rulesOf(bound.binding.roleRef, inNamespace);
          if (!rules) failures.push(missingRole(bound.binding.roleRef));
          const source = () => sourceText(bound, inNamespace);
          return rules?.some((rule) => visit({ rule, source })) === true;
        };
        if (index.users.get(user.name)?.some(visitBound)) return true;
        return user.groups.some((group) => index.groups.get(group)?.some(visitBound));
      };
      if (!visitIndex(clusterBindings(), '') && namespace !== '') {
        visitIndex(namespaceBindings(namespace), namespace);
      }
      return failures;
    },
  };
}

function refreshed(
  index: BindingIndex | undefined,
  list: readonly Binding[],
  namespace: string,
  changes: number,
): BindingIndex {
  const same =
    index && list.length === index.list.length && list.every((binding, i) => binding === index.list[i]);
  if (same) {
    index.changes = changes;
    return index;
  }
  const users = new Map<string, BoundSubject[]>();
  const groups = new Map<string, BoundSubject[]>();
  const byKind = { User: users, ServiceAccount: users, Group: groups };
  for (const binding of list) {
    for (const subject of binding.subjects ?? []) {
      const byName = ownValue(byKind, subject.kind);
      if (!byName) continue;
      const name = subjectName(subject, namespace);
      const bound = byName.get(name);
      if (bound) bound.push({ binding, subject });
      else byName.set(name, [{ binding, subject }]);
    }
  }
  return { changes, list, users, groups };
}

function subjectName(subject: Subject, namespace: string): string {
  if (subject.kind !== 'ServiceAccount') return subject.name;
  return `system:serviceaccount:${subject.namespace || namespace}:${subject.name}`;
}

function missingRole(roleRef: { kind: string; name: string }): string {
  return `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io "${roleRef.name}" not found`;
}

function sourceText({ binding, subject }: BoundSubject, namespace: string): string {
  const { kind, name } = binding.roleRef;
  const who =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  const what =
    namespace === ''
      ? `ClusterRoleBinding "${binding.metadata?.name}"`
      : `RoleBinding "${binding.metadata?.name}/${namespace}"`;
  return `${what} of ${kind} "${name}" to ${subject.kind} "${who}"`;
}
