/** CSIDriver: requirements and capabilities of a storage driver. */

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
    cells: (driver, nowMs) => [
      nameOf(driver),
      driver.spec.attachRequired ?? true,
      driver.spec.podInfoOnMount ?? false,
      driver.spec.storageCapacity ?? false,
      (driver.spec.tokenRequests ?? []).map((request) => request.audience).join(',') || unset,
      driver.spec.requiresRepublish ?? false,
      (driver.spec.volumeLifecycleModes ?? []).join(',') || none,
      ageOf(driver, nowMs),
    ],
  },
});
