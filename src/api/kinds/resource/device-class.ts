/** DeviceClass: a named selection of devices. */

import { deviceClasses } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';
import { withoutDevices } from '../../kind/unbuilt.ts';

export const deviceClass = defineKind(deviceClasses, {
  hasGeneration: true,
  updateChecks: ['metadata', 'metadataChange', 'change'],
  setDefaults(deviceClass) {
    // A struct in Go: it is there, if empty.
    deviceClass.spec ??= {};
  },
  unbuilt: withoutDevices,
  printer: {
    columns: [nameColumn, ageColumn],
    cells: (deviceClass, now) => [nameOf(deviceClass), ageOf(deviceClass, now)],
  },
});
