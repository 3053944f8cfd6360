/** Role and ClusterRole: permitted verbs on resources. */

import { clusterRoles, roles } from '../../generated/kinds.gen.ts';
import type { ClusterRole, PolicyRule } from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { pathSegmentName } from '../../validation/validators.ts';

export const role = defineKind(roles, {
  allowCreateOnUpdate: true,
  validate: (role) => validateRules(role.rules, true),
  updateChecks: ['metadata', 'object', 'metadataChange'],
  nameRule: pathSegmentName,
});

export const clusterRole = defineKind(clusterRoles, {
  allowCreateOnUpdate: true,
  validate: (role) => [...validateRules(role.rules, false), ...validateAggregation(role)],
  updateChecks: ['metadata', 'object', 'metadataChange'],
  nameRule: pathSegmentName,
});

function validateRules(rules: PolicyRule[] | null | undefined, isNamespaced: boolean): FieldError[] {
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
    // Upstream shows the selector that it could not create.
    return [...errors, invalidValue(`${path}[${i}]`, undefined, 'invalid label selector.')];
  });
}
