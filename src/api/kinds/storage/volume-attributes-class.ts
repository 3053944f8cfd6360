/** VolumeAttributesClass: mutable parameters of volumes. */

import { volumeAttributesClasses } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { withoutVolumes } from '../../kind/unbuilt.ts';

export const volumeAttributesClass = defineKind(volumeAttributesClasses, {
  unbuilt: withoutVolumes,
  printer: {
    columns: [nameColumn, column('DriverName'), ageColumn],
    cells: (volumeAttributesClass, nowMs) => [
      nameOf(volumeAttributesClass),
      volumeAttributesClass.driverName,
      ageOf(volumeAttributesClass, nowMs),
    ],
  },
});
