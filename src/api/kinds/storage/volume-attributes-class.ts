/** VolumeAttributesClass: mutable parameters of volumes. */

import { volumeAttributesClasses } from '../../generated/kinds.gen.ts';
import type { VolumeAttributesClass } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { withoutModifiers } from '../../kind/unbuilt.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { type FieldError, forbiddenField, required } from '../../validation/field-error.ts';
import { checkDriverName, checkParameters } from './class-checks.ts';

export const volumeAttributesClass = defineKind(volumeAttributesClasses, {
  validate: validateClass,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: (now, old) => [
    ...(['driverName', 'parameters'] as const)
      .filter((key) => !deepEqual(now[key], old[key]))
      .map((key) => forbiddenField(key, `updates to ${key} are forbidden.`)),
    ...validateClass(now),
  ],
  unbuilt: withoutModifiers,
  printer: {
    columns: [nameColumn, column('DriverName'), ageColumn],
    cells: (volumeAttributesClass, now) => [
      nameOf(volumeAttributesClass),
      volumeAttributesClass.driverName,
      ageOf(volumeAttributesClass, now),
    ],
  },
});

function validateClass({ driverName, parameters = {} }: VolumeAttributesClass): FieldError[] {
  const errors = [...checkDriverName('driverName', driverName), ...checkParameters('parameters', parameters)];
  if (Object.keys(parameters).length > 0) return errors;
  return [...errors, required('parameters', 'must contain at least one key/value pair')];
}
