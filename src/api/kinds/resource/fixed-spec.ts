/** The specs of claims and of their templates do not change: what differs is refused, and shown as upstream's struct. */

import { deepEqual } from '../../schema/deep-equal.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { fieldIsImmutable } from '../../validation/validators.ts';

/** `struct`: its name in the group. */
export function checkFixed(spec: object, old: object, struct: string): FieldError[] {
  if (deepEqual(spec, old, `io.k8s.api.resource.v1.${struct}`)) return [];
  return [invalidValue('spec', internalText(spec, `resource.${struct}`), fieldIsImmutable)];
}
