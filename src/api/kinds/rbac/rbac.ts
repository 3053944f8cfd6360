/** Roles say what may be done, bindings say to whom; a binding never changes its role. */

import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { dns1123Subdomain, pathSegmentName } from '../../validation/validators.ts';
import type { Strategy } from '../shared/strategy.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

export const role: Strategy<Role> = {
  allowCreateOnUpdate: true,
  validate: (role) => validateRules(role.rules, true),
};

export const clusterRole: Strategy<ClusterRole> = {
  allowCreateOnUpdate: true,
  validate: (role) => [...validateRules(role.rules, false), ...validateAggregation(role)],
};

export const roleBinding: Strategy<RoleBinding> = {
  allowCreateOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: (now, old) => [...validateBinding(now, true), ...validateRoleKept(now, old)],
};

export const clusterRoleBinding: Strategy<ClusterRoleBinding> = {
  allowCreateOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: (now, old) => [...validateBinding(now, false), ...validateRoleKept(now, old)],
};

/** The API groups of subjects and role follow from their kinds. */
function setBindingDefaults(binding: RoleBinding | ClusterRoleBinding): void {
  binding.roleRef ??= {} as RoleRef;
  binding.roleRef.apiGroup ||= rbacGroup;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup;
  }
}

function validateRules(rules: PolicyRule[] | undefined, isNamespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap((rule, i) => validateRule(rule, isNamespaced, `rules[${i}]`));
}

function validateRule(rule: PolicyRule, isNamespaced: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule.verbs?.length) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
  const urls = rule.nonResourceURLs ?? [];
  if (urls.length > 0) {
    const at = `${path}.nonResourceURLs`;
    if (isNamespaced) {
      errors.push(invalidValue(at, urls, 'namespaced rules cannot apply to non-resource URLs'));
    }
    if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
      const text = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalidValue(at, urls, text));
    }
    return errors;
  }
  if (!rule.apiGroups?.length) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (!rule.resources?.length) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

function validateAggregation(role: ClusterRole): FieldError[] {
  if (!role.aggregationRule) return [];
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  }
  return selectors.flatMap((selector, i) => {
    const errors = validateLabelSelector(selector, `${path}[${i}]`);
    if (errors.length === 0) return [];
    // Upstream shows the selector that it could not make.
    return [...errors, invalidValue(`${path}[${i}]`, undefined, 'invalid label selector.')];
  });
}

function validateBinding(binding: RoleBinding | ClusterRoleBinding, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  if (apiGroup !== rbacGroup) errors.push(notSupported('roleRef.apiGroup', apiGroup, [rbacGroup]));
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds));
  if (!name) errors.push(required('roleRef.name'));
  else errors.push(...checkField('roleRef.name', name, pathSegmentName));
  const subjects = binding.subjects ?? [];
  return [
    ...errors,
    ...subjects.flatMap((subject, i) => validateSubject(subject, isNamespaced, `subjects[${i}]`)),
  ];
}

function validateSubject(subject: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const errors = subject.name ? [] : [required(`${path}.name`)];
  const group = subject.apiGroup ?? '';
  const groupAt = `${path}.apiGroup`;
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) errors.push(...checkField(`${path}.name`, subject.name, dns1123Subdomain));
      if (group !== '') errors.push(notSupported(groupAt, group, ['']));
      if (!isNamespaced && !subject.namespace) errors.push(required(`${path}.namespace`));
      break;
    case 'User':
    case 'Group':
      if (group !== rbacGroup) errors.push(notSupported(groupAt, group, [rbacGroup]));
      break;
    default:
      errors.push(notSupported(`${path}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

function validateRoleKept(
  now: RoleBinding | ClusterRoleBinding,
  old: RoleBinding | ClusterRoleBinding,
): FieldError[] {
  if (deepEqual(now.roleRef, old.roleRef)) return [];
  // Shown under the names of the Go type, as upstream's internal type prints.
  const { apiGroup: APIGroup = '', kind: Kind = '', name: Name = '' } = now.roleRef ?? {};
  return [invalidValue('roleRef', { APIGroup, Kind, Name }, 'cannot change roleRef')];
}
