/**
 * Only a bound claim of a class that allows it may grow. Reads: StorageClass. Upstream:
 * PersistentVolumeClaimResize.
 */

import { storageClasses } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

export function persistentVolumeClaimResize(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'PersistentVolumeClaimResize',
    rules: [{ operations: ['UPDATE'], apiGroups: [''], resources: ['persistentvolumeclaims'] }],
    validate({ object, oldObject, type, name }) {
      const claim = object as PersistentVolumeClaim;
      const old = oldObject as PersistentVolumeClaim;
      if (!grows(claim, old)) return;
      if (old.status?.phase !== 'Bound') {
        throw forbidden(type, name, 'Only bound persistent volume claims can be expanded');
      }
      if (!allowsExpansion(reader, claim, old)) {
        const why =
          'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
        throw forbidden(type, name, why);
      }
    },
  });
}

function grows(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const size = (claim: PersistentVolumeClaim) =>
    parseQuantity(claim.spec?.resources?.requests?.['storage'] ?? '0');
  return size(claim).compare(size(old)) > 0;
}

function allowsExpansion(
  reader: ObjectReader,
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): boolean {
  const name = claim.spec?.storageClassName;
  if (!name || name !== old.spec?.storageClassName) return false;
  return readObject(reader, storageClasses, '', name)?.allowVolumeExpansion === true;
}
