/** Match conditions: named expressions that are true for what a webhook or a policy is asked about. */

import { compile, isProgram } from '../../cel/compile.ts';
import { admissionEnvironment } from '../../cel/environments/admission.ts';
import { formatType } from '../../cel/types/type.ts';
import type { MatchCondition } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue, required, tooMany } from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';

const conditionsMax = 64;

export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  field: string,
  hasParams = false,
): FieldError[] {
  const names = new Set<string>();
  const errors = (conditions ?? []).flatMap((condition, i) => {
    const { name } = condition;
    const own = validateMatchCondition(condition, `${field}[${i}]`, hasParams);
    if (name && names.has(name)) own.push(duplicate(`${field}[${i}].name`, name));
    names.add(name);
    return own;
  });
  const count = conditions?.length ?? 0;
  return count > conditionsMax ? [tooMany(field, count, conditionsMax), ...errors] : errors;
}

function validateMatchCondition(
  { name, expression }: MatchCondition,
  path: string,
  hasParams: boolean,
): FieldError[] {
  const trimmed = (expression ?? '').trim();
  return [
    ...(trimmed === ''
      ? [required(`${path}.expression`)]
      : validateExpression(trimmed, `${path}.expression`, hasParams)),
    ...(name ? checkField(`${path}.name`, name, qualifiedName) : [required(`${path}.name`)]),
  ];
}

function validateExpression(expression: string, field: string, hasParams: boolean): FieldError[] {
  const compilation = compile(expression, admissionEnvironment({ hasParams, hasAuthorizer: true }));
  if (!isProgram(compilation)) {
    return [invalidValue(field, expression, `compilation failed: ${compilation.text}`)];
  }
  const { outputType } = compilation;
  if (outputType.kind === 'bool') return [];
  return [invalidValue(field, expression, `must evaluate to bool but got ${formatType(outputType)}`)];
}
