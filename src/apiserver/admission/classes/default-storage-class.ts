/**
 * A claim that names no storage class gets the default one, the newest if several are marked.
 * Reads: StorageClass. Upstream: DefaultStorageClass.
 */

import { storageClasses } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import { defaultClass, namedClass } from '#api/volumes/storage-class.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';

export function defaultStorageClass(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'DefaultStorageClass',
    rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['persistentvolumeclaims'] }],
    mutate({ object }) {
      const claim = object as PersistentVolumeClaim;
      if (namedClass(claim) !== undefined || !claim.spec) return;
      const chosen = defaultClass(readObjects(reader, storageClasses));
      if (chosen) claim.spec.storageClassName = chosen.metadata!.name!;
    },
  });
}
