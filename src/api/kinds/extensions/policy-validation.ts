/** What policies and bindings must say before they are stored, in upstream's order of complaints. */

import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingAdmissionPolicySpec,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicySpec,
} from '../../generated/types.gen.ts';
import { checkConditions } from '../../validation/conditions.ts';
import { checkField, checkOneOf } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';
import { dns1123Subdomain } from '../../validation/validators.ts';
import { refuseManyExpressions } from './expressions-limit.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { checkMutations } from './mutation-expressions.ts';
import { checkExpressions } from './policy-expressions.ts';
import {
  validateMatchConstraints,
  validateMatchResources,
  validateMutableOperations,
  validateParamKind,
  validateParamRef,
} from './policy-parts.ts';

type PolicySpec = Pick<
  NonNullable<MutatingAdmissionPolicy['spec']>,
  'failurePolicy' | 'paramKind' | 'matchConstraints'
>;

const failurePolicies = ['Fail', 'Ignore'];
const reinvocationPolicies = ['IfNeeded', 'Never'];
const nothingToDo = 'validations or auditAnnotations must contain at least one item';

export function validateValidatingPolicy({ metadata, spec = {} }: ValidatingAdmissionPolicy): FieldError[] {
  const { paramKind } = spec;
  refuseManyExpressions(expressionsOfValidating(spec));
  const isEmpty = !spec.validations?.length && !spec.auditAnnotations?.length;
  return [
    ...validatePolicy(spec),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', paramKind !== undefined),
    ...checkExpressions(spec, metadata?.name ?? ''),
    ...(isEmpty
      ? [required('spec.validations', nothingToDo), required('spec.auditAnnotations', nothingToDo)]
      : []),
  ];
}

export function validateValidatingStatus({ status = {} }: ValidatingAdmissionPolicy): FieldError[] {
  const warnings = status.typeChecking?.expressionWarnings ?? [];
  return [
    ...warnings.flatMap(({ warning, fieldRef = '' }, i) => {
      const path = `status.typeChecking.expressionWarnings[${i}]`;
      const errors = warning ? [] : [required(`${path}.warning`)];
      return fieldRef.trim() === '' ? [...errors, required(`${path}.fieldRef`)] : errors;
    }),
    ...checkConditions(status.conditions ?? [], 'status.conditions'),
  ];
}

function* expressionsOfValidating(spec: ValidatingAdmissionPolicySpec): Generator<string | undefined> {
  for (const { expression } of [...(spec.matchConditions ?? []), ...(spec.variables ?? [])]) yield expression;
  for (const { expression, messageExpression } of spec.validations ?? []) {
    yield expression;
    yield messageExpression;
  }
  for (const { valueExpression } of spec.auditAnnotations ?? []) yield valueExpression;
}

export function validateMutatingPolicy({ spec = {} }: MutatingAdmissionPolicy): FieldError[] {
  const { paramKind, reinvocationPolicy = '' } = spec;
  refuseManyExpressions(expressionsOfMutating(spec));
  return [
    ...validatePolicy(spec),
    ...validateMutableOperations(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', paramKind !== undefined),
    ...checkMutations(spec),
    ...(reinvocationPolicy === ''
      ? [required('spec.reinvocationPolicy')]
      : checkOneOf('spec.reinvocationPolicy', reinvocationPolicy, reinvocationPolicies)),
  ];
}

function* expressionsOfMutating(spec: MutatingAdmissionPolicySpec): Generator<string | undefined> {
  for (const { expression } of [...(spec.matchConditions ?? []), ...(spec.variables ?? [])]) yield expression;
  for (const { applyConfiguration, jsonPatch } of spec.mutations ?? []) {
    yield applyConfiguration?.expression;
    yield jsonPatch?.expression;
  }
}

/** What policies of both kinds have in common. */
function validatePolicy({ failurePolicy, paramKind, matchConstraints }: PolicySpec): FieldError[] {
  return [
    ...(failurePolicy === ''
      ? [notSupported('spec.failurePolicy', '', failurePolicies)]
      : checkOneOf('spec.failurePolicy', failurePolicy, failurePolicies)),
    ...(paramKind ? validateParamKind(paramKind, 'spec.paramKind') : []),
    ...validateMatchConstraints(matchConstraints, 'spec.matchConstraints'),
  ];
}

export function validateValidatingBinding(binding: ValidatingAdmissionPolicyBinding): FieldError[] {
  const spec: Partial<NonNullable<ValidatingAdmissionPolicyBinding['spec']>> = binding.spec ?? {};
  return [
    ...validateBinding(spec),
    ...validateActions(spec.validationActions ?? [], 'spec.validationActions'),
  ];
}

export function validateMutatingBinding({ spec = {} }: MutatingAdmissionPolicyBinding): FieldError[] {
  return [...validateBinding(spec), ...validateMutableOperations(spec.matchResources, 'spec.matchResources')];
}

function validateBinding({
  policyName = '',
  paramRef,
  matchResources,
}: {
  policyName?: string;
  paramRef?: ParamRef;
  matchResources?: MatchResources;
}): FieldError[] {
  return [
    ...(policyName === ''
      ? [required('spec.policyName')]
      : checkField('spec.policyName', policyName, dns1123Subdomain)),
    ...validateParamRef(paramRef, 'spec.paramRef'),
    ...validateMatchResources(matchResources, 'spec.matchResources'),
  ];
}

const validationActions = ['Audit', 'Deny', 'Warn'];
const warnedTwice =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';

function validateActions(actions: readonly string[], path: string): FieldError[] {
  if (actions.length === 0) return [required(path, 'at least one validation action is required')];
  const isRepeated = repeats(actions);
  const errors = actions.flatMap((action, i) => [
    ...(validationActions.includes(action) ? [] : [notSupported(`${path}[${i}]`, action, validationActions)]),
    ...(isRepeated[i] ? [duplicate(`${path}[${i}]`, action)] : []),
  ]);
  const isTwice = actions.includes('Deny') && actions.includes('Warn');
  return isTwice ? [...errors, invalidValue(path, actions, warnedTwice)] : errors;
}
