/** The specs of claims and of their templates do not change: what differs is refused, and shown as upstream's struct. */

import { deepEqual } from '../../schema/deep-equal.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { fieldIsImmutable } from '../../validation/validators.ts';

/** `struct` as `internalText` names it. */
export function checkFixed(spec: object, old: object, struct: string): FieldError[] {
  if (deepEqual(spec, old)) return [];
  return [invalidValue('spec', internalText(spec, struct), fieldIsImmutable)];
}
