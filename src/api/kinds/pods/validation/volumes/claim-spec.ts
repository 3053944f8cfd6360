/** Validation of a claim's spec: access modes, size, storage class. */

import type { PersistentVolumeClaimSpec } from '../../../../generated/types.gen.ts';
import { validateLabelSelector } from '../../../../selectors/validation.ts';
import { checkField, checkOneOfIfGiven } from '../../../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../../../validation/field-error.ts';
import { dns1123Subdomain, mustBePositive } from '../../../../validation/validators.ts';
import { parseQuantity } from '../../../../values/quantity.ts';

export const volumeModes = ['Block', 'Filesystem'];
const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Known modes only, and ReadWriteOncePod not combined with others. */
export function checkAccessModes(field: string, modes: readonly string[]): FieldError[] {
  const errors = modes
    .filter((mode) => !accessModes.includes(mode))
    .map((mode) => notSupported(field, mode, accessModes));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode));
  if (!modes.includes('ReadWriteOncePod') || !others) return errors;
  return [...errors, forbiddenField(field, 'may not use ReadWriteOncePod with other access modes')];
}

/** The spec of a PersistentVolumeClaim, alone or inside a template. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec?.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  errors.push(...validateLabelSelector(spec?.selector, `${path}.selector`));
  errors.push(...checkAccessModes(`${path}.accessModes`, modes));
  const storage = spec?.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`));
  else if (parseQuantity(storage).sign() <= 0) {
    errors.push(invalidValue(`${path}.resources[storage]`, String(parseQuantity(storage)), mustBePositive));
  }
  if (spec?.storageClassName) {
    errors.push(...checkField(`${path}.storageClassName`, spec.storageClassName, dns1123Subdomain));
  }
  return [...errors, ...checkOneOfIfGiven(`${path}.volumeMode`, spec?.volumeMode, volumeModes)];
}
