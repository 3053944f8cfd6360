/** Checks the variables, validations and audit annotations of a ValidatingAdmissionPolicy: that their expressions compile. */

import { isProgram } from '../../cel/compile.ts';
import { Composition } from '../../cel/composition.ts';
import { compileCondition } from '../../cel/condition.ts';
import type { CelEnvironment } from '../../cel/contract.ts';
import { admissionEnvironment } from '../../cel/environments/admission.ts';
import { boolType, type CelType, nullType, stringType } from '../../cel/types/type.ts';
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicySpec,
  Validation,
  Variable,
} from '../../generated/types.gen.ts';
import { checkField, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  internalFieldError,
  invalidValue,
  required,
} from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { repeats } from '../../validation/repeats.ts';
import { qualifiedName } from '../../validation/validators.ts';

const notSpecified = 'expression is not specified';

export function checkExpressions(spec: ValidatingAdmissionPolicySpec, policyName: string): FieldError[] {
  const hasParams = spec.paramKind !== undefined;
  const { variables = [] } = spec;
  const own = admissionEnvironment({ hasParams, hasAuthorizer: true });
  const composition = new Composition(own);
  const errors = checkVariables(composition, variables);
  // Messages cannot ask the authorizer. `variables` is there when there are any.
  const plain = admissionEnvironment({ hasParams });
  const isComposed = variables.length > 0;
  const environments = {
    condition: isComposed ? composition.environment : own,
    message: isComposed ? composition.within(plain) : plain,
  };
  return [
    ...errors,
    ...(spec.validations ?? []).flatMap((validation, i) =>
      checkValidation(validation, `spec.validations[${i}]`, environments),
    ),
    ...checkAnnotations(spec.auditAnnotations ?? [], policyName, environments.condition),
  ];
}

export function checkVariables(composition: Composition, variables: readonly Variable[]): FieldError[] {
  return variables.flatMap(({ name = '', expression = '' }, i) => {
    const path = `spec.variables[${i}]`;
    const errors = checkVariableName(name, `${path}.name`);
    if (!expression.trim()) return [...errors, required(`${path}.expression`, notSpecified)];
    const compilation = composition.declare(name, expression);
    if (isProgram(compilation)) return errors;
    const why = `compilation failed: ${compilation.text}`;
    return [...errors, invalidValue(`${path}.expression`, expression, why)];
  });
}

const reservedWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function checkVariableName(name: string, field: string): FieldError[] {
  if (!name.trim()) return [required(field, 'name is not specified')];
  if (/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !reservedWords.has(name)) return [];
  return [invalidValue(field, name, 'must be a valid CEL identifier')];
}

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const mustBeNonEmpty = 'must be non-empty if specified';

function checkValidation(
  { expression = '', messageExpression = '', message = '', reason }: Validation,
  path: string,
  environments: { condition: CelEnvironment; message: CelEnvironment },
): FieldError[] {
  return [
    ...(expression.trim()
      ? checkCompiles(`${path}.expression`, expression, environments.condition, [boolType])
      : [required(`${path}.expression`, notSpecified)]),
    ...(messageExpression === ''
      ? []
      : messageExpression.trim()
        ? checkCompiles(`${path}.messageExpression`, messageExpression, environments.message, [stringType])
        : [invalidValue(`${path}.messageExpression`, messageExpression, mustBeNonEmpty)]),
    ...checkMessage(message, `${path}.message`),
    ...checkOneOfIfGiven(`${path}.reason`, reason, reasons),
  ];
}

function checkMessage(message: string, field: string): FieldError[] {
  if (message === '') return [];
  const trimmed = message.trim();
  if (trimmed === '') return [invalidValue(field, message, mustBeNonEmpty)];
  return /[\n\r]/.test(trimmed) ? [invalidValue(field, message, 'must not contain line breaks')] : [];
}

const annotationsMax = 20;
const annotationBytesMax = 5 * 1024;

function checkAnnotations(
  annotations: readonly AuditAnnotation[],
  policyName: string,
  environment: CelEnvironment,
): FieldError[] {
  const path = 'spec.auditAnnotations';
  const isRepeated = repeats(annotations.map(({ key }) => key));
  const errors = annotations.flatMap((annotation, i) => [
    ...checkAnnotation(annotation, `${path}[${i}]`, policyName, environment),
    ...(isRepeated[i] ? [duplicate(`${path}[${i}].key`, annotation.key)] : []),
  ]);
  if (annotations.length <= annotationsMax) return errors;
  const why = `must not have more than ${annotationsMax} auditAnnotations`;
  return [
    invalidValue(path, internalText(annotations, 'admissionregistration.AuditAnnotation'), why),
    ...errors,
  ];
}

function checkAnnotation(
  { key = '', valueExpression = '' }: AuditAnnotation,
  path: string,
  policyName: string,
  environment: CelEnvironment,
): FieldError[] {
  const trimmed = valueExpression.trim();
  const field = `${path}.valueExpression`;
  const errors = policyName
    ? checkField(`${path}.key`, `${policyName}/${key}`, qualifiedName)
    : [invalidValue(`${path}.key`, key, 'requires metadata.name be non-empty')];
  if (trimmed === '') return [...errors, required(field, 'valueExpression is not specified')];
  if (Buffer.byteLength(trimmed) > annotationBytesMax) {
    return [...errors, required(field, `must not exceed ${annotationBytesMax} bytes in length`)];
  }
  const results = [stringType, nullType];
  return [...errors, ...checkCompiles(field, trimmed, environment, results, valueExpression)];
}

export function checkCompiles(
  field: string,
  expression: string,
  environment: CelEnvironment,
  results: readonly CelType[],
  shown = expression,
): FieldError[] {
  const { program, isInternal } = compileCondition(expression, environment, results);
  if (typeof program !== 'string') return [];
  return [isInternal ? internalFieldError(field, program) : invalidValue(field, shown, program)];
}
