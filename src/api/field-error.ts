/** One thing that is wrong with one field, worded as apimachinery's `validation/field` words it. */

import { GoText } from './go-text.ts';

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].name`, `metadata.labels[app]`. */
  readonly field: string;
  readonly value?: unknown;
  readonly detail: string;
  /** The value would say nothing: it is the whole of what is there. */
  readonly omitsValue?: boolean;
}

/** What several checks found, in order. They mostly find nothing: spreading an empty list costs an iterator, this a look. */
export function together(...found: readonly FieldError[][]): FieldError[] {
  for (const errors of found) if (errors.length > 0) return found.flat();
  return [];
}

const typeText: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

const withoutValue = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
]);

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`; without the field when `withField` is false. */
export function fieldErrorMessage(error: FieldError, withField = true): string {
  let text = typeText[error.type];
  if (!withoutValue.has(error.type) && !error.omitsValue) text += `: ${valueText(error.value)}`;
  if (error.detail) text += `: ${error.detail}`;
  return !withField ? text : `${error.field}: ${text}`;
}

function valueText(value: unknown): string {
  if (value instanceof GoText) return value.text;
  // Upstream puts the word for an absent value where the value would be, in quotes as any other text.
  if (value === undefined || value === null) return '"null"';
  // Go writes maps in the order of their keys, structs in that of their fields.
  return JSON.stringify(value, (_key, one: unknown) => (isStringMap(one) ? sorted(one) : one));
}

function isStringMap(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string');
}

function sorted(map: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, detail };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value, detail };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  return { type: 'FieldValueNotSupported', field, value, detail: `supported values: ${list}` };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, value, detail: '' };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, detail };
}

export function notFoundValue(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, value, detail: '' };
}

export function tooLong(field: string, maxLength: number): FieldError {
  return { type: 'FieldValueTooLong', field, detail: `may not be more than ${maxLength} bytes` };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  return { type: 'FieldValueTooMany', field, value: actual, detail: `must have at most ${max} items` };
}
