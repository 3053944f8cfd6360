/** A MutatingAdmissionPolicy with its expressions compiled, once for each revision of it. */

import { Composition } from '#api/cel/composition.ts';
import { type Condition, compileCondition } from '#api/cel/condition.ts';
import { admissionEnvironment } from '#api/cel/environments/admission.ts';
import { configurationType, mutationEnvironment, operationsType } from '#api/cel/environments/mutation.ts';
import { boolType } from '#api/cel/types/type.ts';
import type { MutatingAdmissionPolicy, Mutation } from '#api/generated/types.gen.ts';
import type { ConditionedPolicy } from '../match-conditions.ts';

export interface CompiledMutations extends ConditionedPolicy {
  readonly mutations: readonly CompiledMutation[];
  /** `reinvocationPolicy: IfNeeded`. */
  readonly isReinvoked: boolean;
}

export interface CompiledMutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly condition: Condition;
}

const compiled = new WeakMap<MutatingAdmissionPolicy, CompiledMutations>();

export function compiledMutations(policy: MutatingAdmissionPolicy): CompiledMutations {
  let known = compiled.get(policy);
  if (known === undefined) {
    known = compilePolicy(policy);
    compiled.set(policy, known);
  }
  return known;
}

function compilePolicy({ spec = {} }: MutatingAdmissionPolicy): CompiledMutations {
  const variables = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  const composition = new Composition(admissionEnvironment(variables));
  for (const { name, expression } of spec.variables ?? []) composition.declare(name, expression);
  const environment = composition.within(mutationEnvironment(variables));
  return {
    isFailClosed: spec.failurePolicy !== 'Ignore',
    isReinvoked: spec.reinvocationPolicy === 'IfNeeded',
    composition,
    matchConditions: (spec.matchConditions ?? []).map(({ expression }) =>
      compileCondition(expression, composition.environment, [boolType]),
    ),
    mutations: (spec.mutations ?? []).map((mutation) => compileMutation(mutation, environment)),
  };
}

function compileMutation(
  { patchType, applyConfiguration, jsonPatch }: Mutation,
  environment: Parameters<typeof compileCondition>[1],
): CompiledMutation {
  const isPatch = patchType === 'JSONPatch';
  const expression = (isPatch ? jsonPatch : applyConfiguration)?.expression ?? '';
  const result = isPatch ? operationsType : configurationType;
  const condition = compileCondition(expression, environment, [result]);
  return { patchType: isPatch ? 'JSONPatch' : 'ApplyConfiguration', condition };
}
