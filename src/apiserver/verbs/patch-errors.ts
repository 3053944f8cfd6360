/** What is said of a patch whose outcome is no object of the kind. */

import { invalid, type StatusError } from '#api/meta/status.ts';
import { type DecodeError, goTypeText, jsonTypeText, type WrongType } from '#api/schema/decode-error.ts';
import { invalidValue } from '#api/validation/field-error.ts';
import { isIntegerText } from '#wire/json/odd-numbers.ts';

/** `shown` is what upstream shows: the outcome of a JSON or merge patch, a strategic patch itself. */
export function badOutcome(shown: string, why: string): StatusError {
  return invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown, why)]);
}

/**
 * A strategic patch goes from map to struct without JSON between, and says what does not fit in other words.
 */
export function restoreErrorText(error: DecodeError): string {
  if (error.wrongType) return misfitText(error.wrongType);
  return error.message.startsWith('illegal base64')
    ? `error decoding from json: ${error.message}`
    : error.message;
}

function misfitText({ found, written, wanted, goType }: WrongType): string {
  const kind = goKindOf(found, written);
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
      return `json: cannot unmarshal ${jsonTypeText(found, wanted, written)} into Go value of type ${goTypeText(wanted)}`;
    default:
      return `unrecognized type: ${goTypeText(wanted)}`;
  }
}

/** Upstream reads a number as an integer if it is written as one and fits 64 bits. */
function goKindOf(value: unknown, written: string | undefined): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? 'int64' : 'float64';
  if (typeof value !== 'number') return typeof value;
  const isInteger = Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  return isInteger && (written === undefined || isIntegerText(written)) ? 'int64' : 'float64';
}
