/** CSIStorageCapacity: available storage of a driver in a topology segment. */

import { csiStorageCapacities } from '../../generated/kinds.gen.ts';
import type { CSIStorageCapacity } from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkField, checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { shownSelector } from '../../validation/internal-form.ts';
import { dns1123Subdomain, fieldIsImmutable, mustBeNonNegative } from '../../validation/validators.ts';
import { parseQuantity } from '../../values/quantity.ts';

type Topology = CSIStorageCapacity['nodeTopology'];

export const csiStorageCapacity = defineKind(csiStorageCapacities, {
  allowUnconditionalUpdate: false,
  validate: validateCapacity,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: (now, old) => [
    ...checkTopologyIsKept(now.nodeTopology, old.nodeTopology),
    ...checkImmutable('storageClassName', now.storageClassName, old.storageClassName),
  ],
});

function checkTopologyIsKept(now: Topology, old: Topology): FieldError[] {
  if (deepEqual(now, old, 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector')) return [];
  return [invalidValue('nodeTopology', now ? shownSelector(now) : null, fieldIsImmutable)];
}

function validateCapacity({ nodeTopology, storageClassName, capacity }: CSIStorageCapacity): FieldError[] {
  const errors = [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...checkField('storageClassName', storageClassName, dns1123Subdomain),
  ];
  if (capacity === undefined || parseQuantity(capacity).sign() >= 0) return errors;
  return [...errors, invalidValue('capacity', String(parseQuantity(capacity)), mustBeNonNegative)];
}
