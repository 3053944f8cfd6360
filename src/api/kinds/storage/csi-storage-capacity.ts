/** CSIStorageCapacity: available storage of a driver in a topology segment. */

import { csiStorageCapacities } from '../../generated/kinds.gen.ts';
import type { CSIStorageCapacity } from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { withoutStorageDrivers } from '../../kind/unbuilt.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkField, checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { dns1123Subdomain, mustBeNonNegative } from '../../validation/validators.ts';
import { parseQuantity } from '../../values/quantity.ts';

export const csiStorageCapacity = defineKind(csiStorageCapacities, {
  validate: validateCapacity,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: (now, old) => [
    ...checkImmutable('nodeTopology', now.nodeTopology ?? null, old.nodeTopology),
    ...checkImmutable('storageClassName', now.storageClassName, old.storageClassName),
  ],
  unbuilt: withoutStorageDrivers,
});

function validateCapacity({ nodeTopology, storageClassName, capacity }: CSIStorageCapacity): FieldError[] {
  const errors = [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...checkField('storageClassName', storageClassName, dns1123Subdomain),
  ];
  if (capacity === undefined || parseQuantity(capacity).sign() >= 0) return errors;
  return [...errors, invalidValue('capacity', String(parseQuantity(capacity)), mustBeNonNegative)];
}
