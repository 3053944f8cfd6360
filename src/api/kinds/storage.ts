/** StorageClass, CSIDriver and their kin: defaults. */

import { deepEqual } from '../deep-equal.ts';
import { checkImmutable } from '../field-checks.ts';
import { forbiddenField, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import type { CSIDriver, StorageClass, VolumeAttachment } from '../types.gen.ts';
import { keepStatus } from './status-handling.ts';

export const storageClass: Strategy<StorageClass> = {
  setDefaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: (storageClass) => validateStorageClass(storageClass),
  validateUpdate: (now, old) => [
    ...(deepEqual(now.parameters, old.parameters)
      ? []
      : [forbiddenField('parameters', 'updates to parameters are forbidden.')]),
    ...(now.provisioner === old.provisioner
      ? []
      : [forbiddenField('provisioner', 'updates to provisioner are forbidden.')]),
    ...(now.reclaimPolicy === old.reclaimPolicy
      ? []
      : [forbiddenField('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')]),
    ...checkImmutable('volumeBindingMode', now.volumeBindingMode, old.volumeBindingMode),
  ],
};

function validateStorageClass(storageClass: StorageClass) {
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
