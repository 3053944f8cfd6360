/** CSIStorageCapacity: available storage of a driver in a topology segment. */

import { csiStorageCapacities } from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { withoutStorageDrivers } from '../../kind/unbuilt.ts';

export const csiStorageCapacity = defineKind(csiStorageCapacities, {
  unbuilt: withoutStorageDrivers,
});
