/** A ValidatingAdmissionPolicy with its expressions compiled, once for each revision of it. */

import { Composition } from '#api/cel/composition.ts';
import { type Condition, compileCondition } from '#api/cel/condition.ts';
import { admissionEnvironment } from '#api/cel/environments/admission.ts';
import { boolType, nullType, stringType } from '#api/cel/types/type.ts';
import type { ValidatingAdmissionPolicy, Validation } from '#api/generated/types.gen.ts';
import type { ConditionedPolicy } from '../match-conditions.ts';

export interface CompiledValidations extends ConditionedPolicy {
  readonly validations: readonly Validation[];
  /** One for each validation. */
  readonly conditions: readonly Condition[];
  /** One for each validation; undefined where it has no `messageExpression`. */
  readonly messages: readonly (Condition | undefined)[];
  readonly auditAnnotations: readonly { readonly key: string; readonly value: Condition }[];
}

const compiled = new WeakMap<ValidatingAdmissionPolicy, CompiledValidations>();

export function compiledValidations(policy: ValidatingAdmissionPolicy): CompiledValidations {
  let known = compiled.get(policy);
  if (known === undefined) {
    known = compilePolicy(policy);
    compiled.set(policy, known);
  }
  return known;
}

function compilePolicy({ spec = {} }: ValidatingAdmissionPolicy): CompiledValidations {
  const hasParams = spec.paramKind !== undefined;
  const composition = new Composition(admissionEnvironment({ hasParams, hasAuthorizer: true }));
  for (const { name, expression } of spec.variables ?? []) composition.declare(name, expression);
  const { environment } = composition;
  // Message and annotation expressions cannot use `authorizer`.
  const plain = composition.within(admissionEnvironment({ hasParams }));
  const validations = spec.validations ?? [];
  return {
    isFailClosed: spec.failurePolicy !== 'Ignore',
    composition,
    matchConditions: (spec.matchConditions ?? []).map(({ expression }) => {
      return compileCondition(expression, environment, [boolType]);
    }),
    validations,
    conditions: validations.map(({ expression }) => compileCondition(expression, environment, [boolType])),
    messages: validations.map(({ messageExpression }) => {
      return messageExpression ? compileCondition(messageExpression, plain, [stringType]) : undefined;
    }),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => {
      return { key, value: compileCondition(valueExpression, plain, [stringType, nullType]) };
    }),
  };
}
