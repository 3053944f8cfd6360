/** The driver and the parameters of a class of volumes. */

import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required, tooLong } from '../../validation/field-error.ts';
import { mapByteLength, qualifiedName } from '../../validation/validators.ts';

const parametersMax = 512;
const parametersBytesMax = 256 * 1024;

export function checkDriverName(field: string, name: string | undefined): FieldError[] {
  return name ? checkField(field, name.toLowerCase(), qualifiedName) : [required(field)];
}

export function checkParameters(field: string, parameters: Record<string, string>): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > parametersMax) return [tooLong(field, parametersMax)];
  const errors = entries
    .filter(([key]) => key === '')
    .map(([key]) => invalidValue(field, key, 'field can not be empty.'));
  return mapByteLength(parameters) > parametersBytesMax
    ? [...errors, tooLong(field, parametersBytesMax)]
    : errors;
}
