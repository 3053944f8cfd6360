/**
 * Volumes, claims and classes of volume attributes get the finalizer that keeps them while something uses them. Upstream:
 * StorageObjectInUseProtection.
 */

import { defineAdmission } from '../../contract/admission.ts';

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  volumeattributesclasses: 'kubernetes.io/vac-protection',
};

export const storageObjectInUseProtection = defineAdmission({
  name: 'StorageObjectInUseProtection',
  rules: [
    { operations: ['CREATE'], apiGroups: [''], resources: ['persistentvolumes', 'persistentvolumeclaims'] },
    { operations: ['CREATE'], apiGroups: ['storage.k8s.io'], resources: ['volumeattributesclasses'] },
  ],
  mutate({ object, type }) {
    const finalizer = finalizers[type.resource];
    const metadata = object!.metadata!;
    const present = metadata.finalizers ?? [];
    if (!finalizer || present.includes(finalizer)) return;
    metadata.finalizers = [...present, finalizer];
  },
});
