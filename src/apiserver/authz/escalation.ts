/**
 * Prevents privilege escalation: writes of Roles and Bindings are refused when they would grant rules that
 * their author does not hold, unless he may `escalate` that role or `bind` to it. Upstream: the policy-based
 * RBAC storage.
 */

import type { ClusterRole, PolicyRule, RoleBinding } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { forbidden, notFound } from '#api/meta/status.ts';
import { groupMasters, type UserInfo } from '#api/meta/user.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../contract/admission.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { RuleResolver } from './rbac.ts';
import { ruleText, uncovered } from './rules.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

export function rbacEscalationCheck(options: {
  readonly resolver: RuleResolver;
  readonly authorizer: Authorizer;
}): AdmissionPlugin {
  return defineAdmission({
    name: 'RBACEscalation',
    rules: [
      {
        operations: ['CREATE', 'UPDATE'],
        apiGroups: [rbacGroup],
        resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'],
      },
    ],
    async validate(attributes) {
      const { object, user, type } = attributes;
      if (user.groups.includes(groupMasters)) return;
      if (type.resource.endsWith('bindings')) await checkBinding(options, attributes, object!);
      else await checkRole(options, attributes, object!);
    },
  });
}

type Options = Parameters<typeof rbacEscalationCheck>[0];

async function checkRole(
  options: Options,
  attributes: AdmissionAttributes,
  object: AnyObject,
): Promise<void> {
  const role = object as ClusterRole;
  const old = attributes.oldObject as ClusterRole | undefined;
  if (old && sameRules(old, role)) return;
  if (await mayDo(options, attributes, 'escalate', attributes.type.resource, attributes.name)) return;
  if (role.aggregationRule && JSON.stringify(role.aggregationRule) !== JSON.stringify(old?.aggregationRule)) {
    requireCovered(options, attributes, [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]);
  }
  requireCovered(options, attributes, role.rules ?? []);
}

async function checkBinding(
  options: Options,
  attributes: AdmissionAttributes,
  object: AnyObject,
): Promise<void> {
  const binding = object as unknown as RoleBinding;
  const old = attributes.oldObject as unknown as RoleBinding | undefined;
  if (old && JSON.stringify(old.subjects) === JSON.stringify(binding.subjects)) return;
  const { roleRef } = binding;
  const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (await mayDo(options, attributes, 'bind', resource, roleRef.name)) return;
  const rules = options.resolver.rulesOf(roleRef, attributes.namespace);
  if (!rules) throw notFound({ group: rbacGroup, resource }, roleRef.name);
  requireCovered(options, attributes, rules);
}

async function mayDo(
  options: Options,
  { user, namespace }: AdmissionAttributes,
  verb: string,
  resource: string,
  name: string,
): Promise<boolean> {
  const scope = resource === 'clusterroles' && verb === 'escalate' ? '' : namespace;
  const common = { isResource: true, path: '', group: rbacGroup, version: 'v1', subresource: '' };
  const asked = { ...common, user, verb, resource, name, namespace: scope };
  return (await options.authorizer.authorize(asked)).decision === 'allow';
}

function requireCovered(
  options: Options,
  attributes: AdmissionAttributes,
  wanted: readonly PolicyRule[],
): void {
  const owned: PolicyRule[] = [];
  const failures = options.resolver.visitRules(attributes.user, attributes.namespace, ({ rule }) => {
    owned.push(rule);
    return false;
  });
  const missing = uncovered(owned, wanted);
  if (missing.length === 0) return;
  throw forbidden(attributes.type, attributes.name, escalationText(attributes.user, missing, failures));
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
    byTarget.set(key, { ...rule, verbs: [...(earlier?.verbs ?? []), ...rule.verbs] });
  }
  return [...byTarget.values()];
}

function sameRules(old: ClusterRole, role: ClusterRole): boolean {
  const essence = (role: ClusterRole) => JSON.stringify([role.rules ?? [], role.aggregationRule ?? null]);
  return essence(old) === essence(role);
}
