/** Checks the variables and mutations of a MutatingAdmissionPolicy: that their expressions compile to what they patch with. */

import { Composition } from '../../cel/composition.ts';
import type { CelEnvironment } from '../../cel/contract.ts';
import { admissionEnvironment } from '../../cel/environments/admission.ts';
import { configurationType, mutationEnvironment, operationsType } from '../../cel/environments/mutation.ts';
import type { CelType } from '../../cel/types/type.ts';
import type { MutatingAdmissionPolicySpec, Mutation } from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { checkCompiles, checkVariables } from './policy-expressions.ts';

export function checkMutations(spec: MutatingAdmissionPolicySpec): FieldError[] {
  const variables = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  const composition = new Composition(admissionEnvironment(variables));
  const errors = checkVariables(composition, spec.variables ?? []);
  const environment = composition.within(mutationEnvironment(variables));
  const { mutations = [] } = spec;
  if (mutations.length === 0) {
    return [...errors, required('spec.mutations', 'mutations must contain at least one item')];
  }
  return [
    ...errors,
    ...mutations.flatMap((mutation, i) => checkMutation(mutation, `spec.mutations[${i}]`, environment)),
  ];
}

/** The field of a mutation that each type of patch wants, and what its expression results in. */
const forms = {
  ApplyConfiguration: { wanted: 'applyConfiguration', other: 'jsonPatch', result: configurationType },
  JSONPatch: { wanted: 'jsonPatch', other: 'applyConfiguration', result: operationsType },
} as const;

const isForm = (text: string): text is keyof typeof forms => Object.hasOwn(forms, text);

function checkMutation(mutation: Mutation, path: string, environment: CelEnvironment): FieldError[] {
  const { patchType = '' } = mutation;
  if (patchType === '') return [required(`${path}.patchType`)];
  if (!isForm(patchType)) return [notSupported(`${path}.patchType`, patchType, Object.keys(forms))];
  const { wanted, other, result } = forms[patchType];
  const field = `${path}.${wanted}`;
  return [
    ...(mutation[wanted]
      ? checkExpression(`${field}.expression`, mutation[wanted].expression, environment, result)
      : [required(field, `must be specified when patchType is ${patchType}`)]),
    ...(mutation[other]
      ? [
          invalidValue(
            `${path}.${other}`,
            `{${other}}`,
            `must not be specified when patchType is ${patchType}`,
          ),
        ]
      : []),
  ];
}

function checkExpression(
  field: string,
  expression: string | undefined,
  environment: CelEnvironment,
  result: CelType,
): FieldError[] {
  const trimmed = (expression ?? '').trim();
  return trimmed === '' ? [required(field)] : checkCompiles(field, trimmed, environment, [result]);
}
