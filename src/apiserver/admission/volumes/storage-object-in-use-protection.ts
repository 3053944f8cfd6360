/** Volumes and claims get the finalizer that keeps them while something uses them. Upstream: StorageObjectInUseProtection. */

import type { AdmissionPlugin } from '../../contract/contract.ts';

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: ['persistentvolumes', 'persistentvolumeclaims'],
  mutate({ operation, subresource, object, type }) {
    if (operation !== 'CREATE' || subresource !== '' || !object) return;
    const finalizer = finalizers[type.resource];
    object.metadata ??= {};
    const present = object.metadata.finalizers ?? [];
    if (!finalizer || present.includes(finalizer)) return;
    object.metadata.finalizers = [...present, finalizer];
  },
};
