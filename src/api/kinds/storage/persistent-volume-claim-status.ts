/** Validation of the status of a PersistentVolumeClaim: what is allocated to it, and how its resizing goes. */

import type { PersistentVolumeClaim } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported } from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';
import { parseQuantity } from '../../values/quantity.ts';

const resizeStatuses = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

export function validateClaimStatus({ status = {} }: PersistentVolumeClaim): FieldError[] {
  const { capacity = {}, allocatedResourceStatuses = {}, allocatedResources = {} } = status;
  return [
    ...Object.entries(capacity).flatMap(([name, amount]) => checkAmount(`status.capacity[${name}]`, amount)),
    ...Object.entries(allocatedResourceStatuses).flatMap(([name, resize]) => [
      ...checkResourceName('status.allocatedResourceStatuses', name),
      ...(resizeStatuses.includes(resize)
        ? []
        : [notSupported('status.allocatedResourceStatuses', name, resizeStatuses)]),
    ]),
    ...Object.entries(allocatedResources).flatMap(([name, amount]) => {
      const wrong = checkResourceName('status.allocatedResources', name);
      return wrong.length > 0 ? wrong : checkAmount(`status.allocatedResources[${name}]`, amount);
    }),
  ];
}

function checkAmount(field: string, amount: string): FieldError[] {
  const quantity = parseQuantity(amount);
  if (quantity.sign() >= 0) return [];
  return [invalidValue(field, quantity.value(), 'must be a valid resource quantity')];
}

/** Of Kubernetes' own resources, claims have only storage. */
function checkResourceName(field: string, name: string): FieldError[] {
  const wrong = checkField(field, name, qualifiedName);
  if (wrong.length > 0) return wrong;
  const isNative = !name.includes('/') || name.includes('kubernetes.io/');
  return isNative && name !== 'storage' ? [notSupported(field, name, ['storage'])] : [];
}
