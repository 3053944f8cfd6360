/**
 * The validating and mutating admission policies and their bindings: by default they fail closed and match
 * equivalents.
 */

import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '../../generated/kinds.gen.ts';
import type { MatchResources } from '../../generated/types.gen.ts';
import { ageOf, nameOf, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { dropStatus, keepStatus } from '../../kind/status-handling.ts';
import type { KubeObject } from '../../meta/object.ts';
import {
  validateMutatingBinding,
  validateMutatingPolicy,
  validateValidatingBinding,
  validateValidatingPolicy,
} from './policy-validation.ts';
import { warnOfStaticSuffix } from './static-suffix.ts';

const bindingColumns = [nameColumn, column('PolicyName'), column('ParamRef'), ageColumn];

export const validatingAdmissionPolicy = defineKind(validatingAdmissionPolicies, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults(policy) {
    if (!policy.spec) return;
    policy.spec.failurePolicy ??= 'Fail';
    if (policy.spec.matchConstraints) setMatchDefaults(policy.spec.matchConstraints);
  },
  validate: validateValidatingPolicy,
  warnings: warnOfStaticSuffix,
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  printer: {
    columns: [nameColumn, column('Validations', 'integer'), column('ParamKind'), ageColumn],
    cells: (policy, nowMs) => [
      nameOf(policy),
      policy.spec?.validations?.length ?? 0,
      paramKind(policy.spec?.paramKind),
      ageOf(policy, nowMs),
    ],
  },
});

export const validatingAdmissionPolicyBinding = defineKind(validatingAdmissionPolicyBindings, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults(binding) {
    if (binding.spec?.matchResources) setMatchDefaults(binding.spec.matchResources);
  },
  validate: validateValidatingBinding,
  warnings: warnOfStaticSuffix,
  printer: {
    columns: bindingColumns,
    cells: bindingCells,
  },
});

export const mutatingAdmissionPolicy = defineKind(mutatingAdmissionPolicies, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults(policy) {
    if (!policy.spec) return;
    policy.spec.failurePolicy ??= 'Fail';
    if (policy.spec.matchConstraints) setMatchDefaults(policy.spec.matchConstraints);
  },
  validate: validateMutatingPolicy,
  warnings: warnOfStaticSuffix,
  printer: {
    columns: [nameColumn, column('Mutations', 'integer'), column('ParamKind'), ageColumn],
    cells: (policy, nowMs) => [
      nameOf(policy),
      policy.spec?.mutations?.length ?? 0,
      paramKind(policy.spec?.paramKind),
      ageOf(policy, nowMs),
    ],
  },
});

export const mutatingAdmissionPolicyBinding = defineKind(mutatingAdmissionPolicyBindings, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults(binding) {
    if (binding.spec?.matchResources) setMatchDefaults(binding.spec.matchResources);
  },
  validate: validateMutatingBinding,
  warnings: warnOfStaticSuffix,
  printer: {
    columns: bindingColumns,
    cells: bindingCells,
  },
});

function paramKind(kind: { apiVersion?: string; kind?: string } | undefined): string {
  if (!kind) return unset;
  return kind.apiVersion ? `${kind.apiVersion}/${kind.kind}` : (kind.kind ?? '');
}

function setMatchDefaults(match: MatchResources): void {
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) {
    rule.scope ??= '*';
  }
}

function paramRef(ref: { namespace?: string; name?: string } | undefined): string {
  if (!ref) return unset;
  const name = ref.name || '*';
  return ref.namespace ? `${ref.namespace}/${name}` : name;
}

interface Binding extends KubeObject {
  spec?: { policyName?: string; paramRef?: { namespace?: string; name?: string } };
}

function bindingCells(binding: Binding, nowMs: number): unknown[] {
  return [
    nameOf(binding),
    binding.spec?.policyName ?? '',
    paramRef(binding.spec?.paramRef),
    ageOf(binding, nowMs),
  ];
}
