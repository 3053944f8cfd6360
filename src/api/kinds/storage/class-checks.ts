/** The driver and the parameters of a class of volumes. */

import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required, tooLong } from '../../validation/field-error.ts';
import { byteLength, qualifiedName } from '../../validation/validators.ts';

const parametersMax = 512;
const parametersMaxBytes = 256 * 1024;

export function checkDriverName(field: string, name: string | undefined): FieldError[] {
  return name ? checkField(field, name.toLowerCase(), qualifiedName) : [required(field)];
}

export function checkParameters(field: string, parameters: Record<string, string>): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > parametersMax) return [tooLong(field, parametersMax)];
  const errors = entries
    .filter(([key]) => key === '')
    .map(([key]) => invalidValue(field, key, 'field can not be empty.'));
  let totalBytes = 0;
  for (const [key, value] of entries) totalBytes += byteLength(key) + byteLength(value);
  return totalBytes > parametersMaxBytes ? [...errors, tooLong(field, parametersMaxBytes)] : errors;
}
