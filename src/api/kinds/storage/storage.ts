/** StorageClass, CSIDriver and VolumeAttachment: their defaults, and what of a class may not change. */

import type { CSIDriver, StorageClass, VolumeAttachment } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, notSupported, required } from '../../validation/field-error.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';

export const storageClass: Strategy<StorageClass> = {
  setDefaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  validateUpdate: (now, old) => [
    ...forbiddenChanges
      .filter((key) => !deepEqual(now[key], old[key]))
      .map((key) => forbiddenField(key, `updates to ${key} are forbidden.`)),
    ...checkImmutable('volumeBindingMode', now.volumeBindingMode, old.volumeBindingMode),
  ],
};

const forbiddenChanges = ['parameters', 'provisioner', 'reclaimPolicy'] as const;

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const reclaim = ['Delete', 'Retain'];
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  const { provisioner, reclaimPolicy = '', volumeBindingMode = '' } = storageClass;
  return [
    ...(provisioner ? [] : [required('provisioner')]),
    ...(reclaim.includes(reclaimPolicy) ? [] : [notSupported('reclaimPolicy', reclaimPolicy, reclaim)]),
    ...(modes.includes(volumeBindingMode)
      ? []
      : [notSupported('volumeBindingMode', volumeBindingMode, modes)]),
  ];
}

export const csiDriver: Strategy<CSIDriver> = {
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
};

export const volumeAttachment: Strategy<VolumeAttachment> = {
  allowUnconditionalUpdate: false,
  hasGeneration: false,
  /** Upstream's status always says whether it is attached. */
  prepareForCreate(attachment) {
    attachment.status = { attached: false };
  },
  prepareForUpdate: keepStatus,
};
