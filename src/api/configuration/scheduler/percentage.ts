/** The check of percentageOfNodesToScore, of all profiles and of one. */

import { type FieldError, invalidValue } from '../../validation/field-error.ts';

export function percentageErrors(field: string, value: number): FieldError[] {
  return value >= 0 && value <= 100 ? [] : [invalidValue(field, value, 'not in valid range [0-100]')];
}
