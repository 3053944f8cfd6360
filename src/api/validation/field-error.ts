/** A problem with one field, in the wording of apimachinery's `validation/field`. */

import { cutText } from '#wire/json/go-values.ts';
import { shownValue } from '../go/shown-value.ts';

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
  /** The message omits the value, where it would add nothing. */
  readonly omitsValue?: boolean;
}

/** The path that upstream prints for a problem of the whole object. */
export const noField = '[]';

/**
 * Concatenates errors of several checks. Usually there are none: spreading an empty list costs an iterator,
 * this a comparison.
 */
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

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function fieldErrorMessage(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

/** The message without the field. */
export function fieldErrorBody(error: FieldError): string {
  let text = typeText[error.type];
  if (!withoutValue.has(error.type) && !error.omitsValue) text += `: ${shownValue(error.value)}`;
  if (error.detail) text += `: ${cutText(error.detail)}`;
  return text;
}

/** Limit of errors for one object: each costs time, and readers need only the first. */
const errorsMax = 1000;

class TooManyErrors extends Error {}

/**
 * Errors of the validation in progress; they are counted when created, so that no loop over a client's list
 * runs too long.
 */
let complaints: FieldError[] | undefined;

/** The errors that `validate` finds, up to the limit. */
export function boundedErrors(validate: () => FieldError[]): FieldError[] {
  const outer = complaints;
  const made: FieldError[] = [];
  complaints = made;
  try {
    return validate();
  } catch (error) {
    if (error instanceof TooManyErrors) return made;
    throw error;
  } finally {
    complaints = outer;
  }
}

function counted(error: FieldError): FieldError {
  if (complaints && complaints.push(error) >= errorsMax) throw new TooManyErrors();
  return error;
}

export function required(field: string, detail = ''): FieldError {
  return counted({ type: 'FieldValueRequired', field, detail });
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return counted({ type: 'FieldValueInvalid', field, value, detail });
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return counted({ type: 'FieldValueTypeInvalid', field, value, detail });
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((value) => JSON.stringify(value)).join(', ');
  return counted({ type: 'FieldValueNotSupported', field, value, detail: `supported values: ${list}` });
}

export function duplicate(field: string, value: unknown): FieldError {
  return counted({ type: 'FieldValueDuplicate', field, value, detail: '' });
}

export function forbiddenField(field: string, detail: string): FieldError {
  return counted({ type: 'FieldValueForbidden', field, detail });
}

export function internalFieldError(field: string, detail: string): FieldError {
  return { type: 'InternalError', field, detail };
}

export function notFoundValue(field: string, value: unknown): FieldError {
  return counted({ type: 'FieldValueNotFound', field, value, detail: '' });
}

export function tooLong(field: string, maxLength: number): FieldError {
  return counted({ type: 'FieldValueTooLong', field, detail: `may not be more than ${maxLength} bytes` });
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  return counted({
    type: 'FieldValueTooMany',
    field,
    value: actual,
    detail: `must have at most ${max} items`,
  });
}
