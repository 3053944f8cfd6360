/**
 * Prevents privilege escalation: writes of Roles and Bindings are refused when they would grant rules that
 * their author does not hold, unless he may `escalate` that role or `bind` to it. Upstream: the policy-based
 * RBAC storage.
 */

import type { ClusterRole, PolicyRule, RoleBinding } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { forbidden, notFound, unknownError } from '#api/meta/status.ts';
import { groupMasters, type UserInfo } from '#api/meta/user.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { withoutEmpty } from '#api/schema/empty-collections.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { JudgedWrite, StorageHooks } from '../../contract/storage-hooks.ts';
import type { RuleResolver } from '../rbac.ts';
import { ruleText, uncovered } from '../rules.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

interface Options {
  readonly resolver: RuleResolver;
  readonly authorizer: Authorizer;
}

export function escalationHooks(options: Options): readonly StorageHooks[] {
  const hooksOf = (resource: string, check: typeof checkRole): StorageHooks => ({
    group: rbacGroup,
    resource,
    async judge(write) {
      if (!write.user.groups.includes(groupMasters)) await check(options, write);
    },
  });
  return [
    hooksOf('roles', checkRole),
    hooksOf('clusterroles', checkRole),
    hooksOf('rolebindings', checkBinding),
    hooksOf('clusterrolebindings', checkBinding),
  ];
}

/** What a ClusterRole that aggregates others may come to hold. */
const fullAuthority: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

async function checkRole(options: Options, write: JudgedWrite): Promise<void> {
  const role = write.object as ClusterRole;
  const old = write.old as ClusterRole | undefined;
  if (await mayDo(options, write, 'escalate', rbacGroup, write.type.resource, write.name)) return;
  if (changesOnlyOwnership(write)) return;
  requireCovered(options, write, role.rules ?? []);
  if (!aggregates(role) && !(old && aggregates(old))) return;
  if (missingRules(options, write, fullAuthority).missing.length === 0) return;
  throw refuse(write, 'must have cluster-admin privileges to use the aggregationRule');
}

function aggregates({ aggregationRule }: ClusterRole): boolean {
  return (aggregationRule?.clusterRoleSelectors ?? []).length > 0;
}

async function checkBinding(options: Options, write: JudgedWrite): Promise<void> {
  if (changesOnlyOwnership(write)) return;
  const { roleRef } = write.object as unknown as Partial<RoleBinding>;
  // The binding has not been validated yet.
  const { apiGroup = '', kind = '', name = '' } = roleRef ?? {};
  const resource = { ClusterRole: 'clusterroles', Role: 'roles' }[kind];
  if (!resource) throw unknownError(`unsupported role reference kind: ${JSON.stringify(kind)}`);
  if (await mayDo(options, write, 'bind', apiGroup, resource, name)) return;
  const rules = options.resolver.rulesOf({ kind, name }, write.namespace);
  if (!rules) throw notFound({ group: rbacGroup, resource }, name);
  requireCovered(options, write, rules);
}

/** Such an update grants nothing: the garbage collector, which has none of the rules, makes them. */
function changesOnlyOwnership({ object, old }: JudgedWrite): boolean {
  return old !== undefined && deepEqual(withoutOwnership(withoutEmpty(object)), withoutOwnership(old));
}

function withoutOwnership({ metadata, ...rest }: AnyObject): object {
  const { ownerReferences: _o, finalizers: _f, selfLink: _s, managedFields: _m, ...other } = metadata ?? {};
  return { ...rest, metadata: other };
}

async function mayDo(
  { authorizer }: Options,
  { user, namespace }: JudgedWrite,
  verb: string,
  group: string,
  resource: string,
  name: string,
): Promise<boolean> {
  const common = { isResource: true, path: '', version: '*', subresource: '' };
  const asked = { ...common, user, verb, group, resource, name, namespace };
  return (await authorizer.authorize(asked)).decision === 'allow';
}

function requireCovered(options: Options, write: JudgedWrite, wanted: readonly PolicyRule[]): void {
  const { missing, failures } = missingRules(options, write, wanted);
  if (missing.length > 0) throw refuse(write, escalationText(write.user, missing, failures));
}

function missingRules(
  { resolver }: Options,
  { user, namespace }: JudgedWrite,
  wanted: readonly PolicyRule[],
): { readonly missing: PolicyRule[]; readonly failures: string[] } {
  const owned: PolicyRule[] = [];
  const failures = resolver.visitRules(user, namespace, ({ rule }) => {
    owned.push(rule);
    return false;
  });
  return { missing: uncovered(owned, wanted), failures };
}

function refuse({ type, object }: JudgedWrite, why: string): Error {
  return forbidden(type, object.metadata?.name ?? '', why);
}

function escalationText(user: UserInfo, missing: PolicyRule[], failures: string[]): string {
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const lines = compact(missing).map(ruleText).sort().join('\n');
  const text = `user "${user.name}" (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:`;
  const resolution = failures.length > 0 ? `; resolution errors: [${failures.join(', ')}]` : '';
  return `${text}\n${lines}${resolution}`;
}

/** Rules that differ only in their verbs become one, so that the message stays readable. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const byTarget = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs]);
    const earlier = byTarget.get(key);
    byTarget.set(key, { ...rule, verbs: [...(earlier?.verbs ?? []), ...(rule.verbs ?? [])] });
  }
  return [...byTarget.values()];
}
