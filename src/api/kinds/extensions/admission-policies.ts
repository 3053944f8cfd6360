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
import { ageColumn, column, nameColumn, type Printer } from '../../kind/printer.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import type { KubeObject } from '../../meta/object.ts';
import {
  validateMutatingBinding,
  validateMutatingPolicy,
  validateValidatingBinding,
  validateValidatingPolicy,
  validateValidatingStatus,
} from './policy-validation.ts';
import { warnOfStaticSuffix } from './static-suffix.ts';

const bindingPrinter: Printer<Binding> = {
  columns: [nameColumn, column('PolicyName'), column('ParamRef'), ageColumn],
  cells: (binding, now) => [
    nameOf(binding),
    binding.spec?.policyName ?? '',
    paramRef(binding.spec?.paramRef),
    ageOf(binding, now),
  ],
};

function policyPrinter<P extends Policy>(
  countColumn: string,
  count: (policy: P) => number | undefined,
): Printer<P> {
  return {
    columns: [nameColumn, column(countColumn, 'integer'), column('ParamKind'), ageColumn],
    cells: (policy, now) => [
      nameOf(policy),
      count(policy) ?? 0,
      paramKind(policy.spec?.paramKind),
      ageOf(policy, now),
    ],
  };
}

export const validatingAdmissionPolicy = defineKind(validatingAdmissionPolicies, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults: setPolicyDefaults,
  validate: validateValidatingPolicy,
  validateStatusUpdate: validateValidatingStatus,
  updateChecks: ['metadata', 'change'],
  takesPlainFinalizers: true,
  warnings: warnOfStaticSuffix,
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  printer: policyPrinter('Validations', ({ spec }) => spec?.validations?.length),
});

export const validatingAdmissionPolicyBinding = defineKind(validatingAdmissionPolicyBindings, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults: setBindingDefaults,
  validate: validateValidatingBinding,
  updateChecks: ['metadata', 'change'],
  takesPlainFinalizers: true,
  warnings: warnOfStaticSuffix,
  printer: bindingPrinter,
});

export const mutatingAdmissionPolicy = defineKind(mutatingAdmissionPolicies, {
  storageVersion: 'v1beta1',
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults: setPolicyDefaults,
  validate: validateMutatingPolicy,
  updateChecks: ['metadata', 'change'],
  takesPlainFinalizers: true,
  warnings: warnOfStaticSuffix,
  printer: policyPrinter('Mutations', ({ spec }) => spec?.mutations?.length),
});

export const mutatingAdmissionPolicyBinding = defineKind(mutatingAdmissionPolicyBindings, {
  storageVersion: 'v1beta1',
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  setDefaults: setBindingDefaults,
  validate: validateMutatingBinding,
  updateChecks: ['metadata', 'change'],
  takesPlainFinalizers: true,
  warnings: warnOfStaticSuffix,
  printer: bindingPrinter,
});

interface Policy extends KubeObject {
  spec?: {
    failurePolicy?: string;
    matchConstraints?: MatchResources;
    paramKind?: { apiVersion?: string; kind?: string };
  };
}

interface Binding extends KubeObject {
  spec?: {
    policyName?: string;
    paramRef?: { namespace?: string; name?: string };
    matchResources?: MatchResources;
  };
}

function setPolicyDefaults({ spec }: Policy): void {
  if (!spec) return;
  spec.failurePolicy ??= 'Fail';
  if (spec.matchConstraints) setMatchDefaults(spec.matchConstraints);
}

function setBindingDefaults({ spec }: Binding): void {
  if (spec?.matchResources) setMatchDefaults(spec.matchResources);
}

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
