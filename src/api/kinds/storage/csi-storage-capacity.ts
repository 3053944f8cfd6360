/** CSIStorageCapacity: available storage of a driver in a topology segment. */

import { csiStorageCapacities } from '../../generated/kinds.gen.ts';
import { nameOf, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { column, nameColumn } from '../../kind/printer.ts';
import { withoutStorageDrivers } from '../../kind/unbuilt.ts';

export const csiStorageCapacity = defineKind(csiStorageCapacities, {
  unbuilt: withoutStorageDrivers,
  printer: {
    columns: [nameColumn, column('StorageClassName'), column('Capacity')],
    cells: (capacity) => [nameOf(capacity), capacity.storageClassName, capacity.capacity ?? unset],
  },
});
