/** CSIDriver: what a storage driver needs and can. */

import { csiDrivers } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf, none, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { withoutStorageDrivers } from '../../kind/unbuilt.ts';

export const csiDriver = defineKind(csiDrivers, {
  allowUnconditionalUpdate: false,
  hasGeneration: true,
  setDefaults(driver) {
    driver.spec ??= {};
    const spec = driver.spec;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
  },
  unbuilt: withoutStorageDrivers,
  printer: {
    columns: [
      nameColumn,
      column('AttachRequired', 'boolean'),
      column('PodInfoOnMount', 'boolean'),
      column('StorageCapacity', 'boolean'),
      column('TokenRequests'),
      column('RequiresRepublish', 'boolean'),
      column('Modes'),
      ageColumn,
    ],
    cells: (one, nowMs) => [
      nameOf(one),
      one.spec.attachRequired ?? true,
      one.spec.podInfoOnMount ?? false,
      one.spec.storageCapacity ?? false,
      (one.spec.tokenRequests ?? []).map((request) => request.audience).join(',') || unset,
      one.spec.requiresRepublish ?? false,
      (one.spec.volumeLifecycleModes ?? []).join(',') || none,
      ageOf(one, nowMs),
    ],
  },
});
