/**
 * A claim that names no storage class gets the default one, the newest if several are marked.
 * Reads: StorageClass. Upstream: DefaultStorageClass.
 */

import { storageClasses } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import { defaultClassOf } from './default-class.ts';

const annotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const oldClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

export function defaultStorageClass(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'DefaultStorageClass',
    rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['persistentvolumeclaims'] }],
    mutate({ object }) {
      const claim = object as PersistentVolumeClaim;
      const named = claim.metadata?.annotations?.[oldClassAnnotation] ?? claim.spec?.storageClassName;
      if (named !== undefined || !claim.spec) return;
      const chosen = defaultClassOf(readObjects(reader, storageClasses), annotations);
      if (chosen) claim.spec.storageClassName = chosen.metadata!.name!;
    },
  });
}
