/** ResourceSlice: devices of one driver, on one node or on several. */

import { resourceSlices } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { setTaintTimes } from './defaults.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { validateSlice } from './slice-validation.ts';

export const resourceSlice = defineKind(resourceSlices, {
  hasGeneration: true,
  comparesAsSent: true,
  selectableFields(slice) {
    return { 'spec.nodeName': slice.spec?.nodeName ?? '', 'spec.driver': slice.spec?.driver ?? '' };
  },
  unsupportedFieldText: (field) =>
    `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
  dropDisabled: dropDisabledFields,
  prepareForCreate: setTaintTimes,
  prepareForUpdate: (slice, _old, now) => setTaintTimes(slice, now),
  validate: (slice) => validateSlice(slice),
  validateUpdate: validateSlice,
  warnings({ spec: { driver } }) {
    if (driver === driver.toLowerCase()) return [];
    const quoted = JSON.stringify(driver);
    return [`spec.driver: driver names should be lowercase; ${quoted} contains uppercase characters`];
  },
  printer: {
    columns: [nameColumn, column('Node'), column('Driver'), column('Pool'), ageColumn],
    cells: (slice, now) => [
      nameOf(slice),
      slice.spec.nodeName ?? '',
      slice.spec.driver,
      slice.spec.pool.name,
      ageOf(slice, now),
    ],
  },
});
