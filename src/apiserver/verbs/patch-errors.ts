/** What is said of a patch whose outcome is no object of the kind. */

import { invalid, type StatusError } from '#api/meta/status.ts';
import { type DecodeError, goTypeText, type WrongType } from '#api/schema/decode-error.ts';
import { invalidValue } from '#api/validation/field-error.ts';
import { goJsonType } from '#wire/json/go-values.ts';

/** `shown` is what upstream shows: the outcome of a JSON or merge patch, a strategic patch itself. */
export function badOutcome(shown: string, why: string): StatusError {
  return invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown, why)]);
}

/**
 * A strategic patch goes from map to struct without JSON between, and says what does not fit in other words.
 */
export function restoreErrorText(error: DecodeError): string {
  return error.wrongType ? misfitText(error.wrongType) : error.message;
}

function misfitText({ found, wanted, goType }: WrongType): string {
  const kind = goKindOf(found);
  switch (wanted.kind) {
    case 'object':
      return `cannot restore struct from: ${kind}`;
    case 'map':
      return `cannot restore map from ${kind}`;
    case 'list':
    case 'bytes':
      return `cannot restore slice from ${kind}`;
    case 'string':
      return kind === 'int64' ? `cannot convert int64 to ${goType}` : 'unrecognized type: string';
    case 'int32':
    case 'int64':
      return kind === 'float64' ? `cannot convert float64 to ${goType}` : `unrecognized type: ${wanted.kind}`;
    case 'time':
    case 'microTime':
    case 'intOrString':
      return `json: cannot unmarshal ${goJsonType(found)} into Go value of type ${goTypeText(wanted)}`;
    default:
      return `unrecognized type: ${goTypeText(wanted)}`;
  }
}

function goKindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value;
}
