/** DeviceClass: a named selection of devices. */

import { deviceClasses } from '../../generated/kinds.gen.ts';
import type { DeviceClassSpec } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { isExtendedResource } from '../../validation/extended-resource.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { checkConfiguration } from './configuration.ts';
import { configurationsMax } from './device-claim.ts';
import { checkItems } from './lists.ts';
import { checkSelectors, compileSelectors } from './selectors.ts';

export const deviceClass = defineKind(deviceClasses, {
  hasGeneration: true,
  updateChecks: ['metadata', 'metadataChange', 'change'],
  validateAhead: ({ spec }) => compileSelectors(spec.selectors),
  validate: ({ spec }) => validateClass(spec),
  validateUpdate: ({ spec }, old) => validateClass(spec, old.spec),
  printer: {
    columns: [nameColumn, ageColumn],
    cells: (deviceClass, now) => [nameOf(deviceClass), ageOf(deviceClass, now)],
  },
});

function validateClass(spec: DeviceClassSpec, old?: DeviceClassSpec): FieldError[] {
  const isStored = old !== undefined && deepEqual(spec.config ?? [], old.config ?? []);
  const { extendedResourceName: name } = spec;
  const errors = [
    ...checkSelectors(spec.selectors, 'spec.selectors'),
    ...checkItems(
      spec.config,
      configurationsMax,
      (item, at) => checkConfiguration(item, at, isStored),
      'spec.config',
    ),
  ];
  if (name === undefined || isExtendedResource(name)) return errors;
  return [
    ...errors,
    invalidValue('spec.extendedResourceName', name, 'must be a valid extended resource name'),
  ];
}
