/** StorageClass, CSIDriver and their kin: defaults. */

import type { Strategy } from '../strategy.ts';
import type { CSIDriver, StorageClass, VolumeAttachment } from '../types.gen.ts';
import { dropStatus, keepStatus } from './status-handling.ts';

export const storageClass: Strategy<StorageClass> = {
  setDefaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
};

export const csiDriver: Strategy<CSIDriver> = {
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
};

export const volumeAttachment: Strategy<VolumeAttachment> = {
  hasGeneration: false,
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
};
