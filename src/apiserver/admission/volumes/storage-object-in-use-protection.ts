/**
 * Volumes and claims get the finalizer that keeps them while something uses them. Upstream:
 * StorageObjectInUseProtection.
 */

import { defineAdmission } from '../../contract/admission.ts';

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
};

export const storageObjectInUseProtection = defineAdmission({
  name: 'StorageObjectInUseProtection',
  rules: [
    { operations: ['CREATE'], apiGroups: [''], resources: ['persistentvolumes', 'persistentvolumeclaims'] },
  ],
  mutate({ object, type }) {
    const finalizer = finalizers[type.resource];
    const metadata = object!.metadata!;
    const present = metadata.finalizers ?? [];
    if (!finalizer || present.includes(finalizer)) return;
    metadata.finalizers = [...present, finalizer];
  },
});
