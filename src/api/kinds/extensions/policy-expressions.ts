/** Checks that the expressions of a ValidatingAdmissionPolicy compile. */

import { isProgram } from '../../cel/compile.ts';
import { Composition } from '../../cel/composition.ts';
import { compileCondition } from '../../cel/condition.ts';
import type { CelEnvironment } from '../../cel/contract.ts';
import { admissionEnvironment } from '../../cel/environments/admission.ts';
import { boolType, type CelType, nullType, stringType } from '../../cel/types/type.ts';
import type { ValidatingAdmissionPolicySpec } from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';

const notSpecified = 'expression is not specified';

export function checkExpressions(spec: ValidatingAdmissionPolicySpec): FieldError[] {
  const hasParams = spec.paramKind !== undefined;
  const composition = new Composition(admissionEnvironment({ hasParams, hasAuthorizer: true }));
  const variables = (spec.variables ?? []).flatMap(({ name = '', expression = '' }, index) => {
    if (!expression.trim()) return [required(`spec.variables[${index}].expression`, notSpecified)];
    const compilation = composition.declare(name, expression);
    const path = `spec.variables[${index}].expression`;
    return isProgram(compilation)
      ? []
      : [invalidValue(path, expression, `compilation failed: ${compilation.text}`)];
  });
  const { environment } = composition;
  // Messages cannot ask the authorizer; conditions know no variables.
  const message = composition.within(admissionEnvironment({ hasParams }));
  const match = admissionEnvironment({ hasParams, hasAuthorizer: true });
  return [
    ...(spec.matchConditions ?? []).flatMap(({ expression = '' }, index) =>
      check(`spec.matchConditions[${index}].expression`, expression.trim(), match, [boolType], ''),
    ),
    ...variables,
    ...(spec.validations ?? []).flatMap(({ expression = '', messageExpression }, index) => [
      ...check(`spec.validations[${index}].expression`, expression, environment, [boolType]),
      ...(messageExpression
        ? check(`spec.validations[${index}].messageExpression`, messageExpression, message, [stringType])
        : []),
    ]),
    ...(spec.auditAnnotations ?? []).flatMap(({ valueExpression = '' }, index) =>
      check(
        `spec.auditAnnotations[${index}].valueExpression`,
        valueExpression,
        environment,
        [stringType, nullType],
        'valueExpression is not specified',
      ),
    ),
  ];
}

function check(
  path: string,
  expression: string,
  environment: CelEnvironment,
  results: readonly CelType[],
  lack = notSpecified,
): FieldError[] {
  if (!expression.trim()) return [required(path, lack)];
  const { program } = compileCondition(expression, environment, results);
  return typeof program === 'string' ? [invalidValue(path, expression, program)] : [];
}
