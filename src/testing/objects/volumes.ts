/** For tests: claims, volumes and storage classes. */

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import type { ObjectMeta, Stored } from '#api/meta/object.ts';
import { storedMetadata } from '../objects.ts';

/** As a client creates it. */
export function newClaim(name: string, more: Partial<PersistentVolumeClaim> = {}) {
  return { ...more, metadata: { name, namespace: 'default', ...more.metadata } };
}

/** Of 1Gi, ReadWriteOnce, without a class, pending. */
export function storedClaim(
  name: string,
  metadata: ObjectMeta = {},
  spec: PersistentVolumeClaim['spec'] = {},
  status: PersistentVolumeClaim['status'] = {},
): Stored<PersistentVolumeClaim> {
  const resources = { requests: { storage: '1Gi' } };
  return {
    metadata: storedMetadata(name, { namespace: 'default', ...metadata }),
    spec: { accessModes: ['ReadWriteOnce'], resources, storageClassName: '', ...spec },
    status: { phase: 'Pending', ...status },
  };
}

/** Bound from both sides. */
export function boundClaim(name: string, volumeName: string, metadata: ObjectMeta = {}) {
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
  return storedClaim(name, { annotations, ...metadata }, { volumeName }, { phase: 'Bound' });
}

/** Of 1Gi, ReadWriteOnce, without a class, available, retained; its storage is a path of the host. */
export function storedVolume(
  name: string,
  spec: PersistentVolume['spec'] = {},
  metadata: ObjectMeta = {},
  phase = 'Available',
): Stored<PersistentVolume> {
  const source = { hostPath: { path: `/tmp/${name}` } };
  const policy = { persistentVolumeReclaimPolicy: 'Retain' };
  return {
    metadata: storedMetadata(name, metadata),
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...source, ...policy, ...spec },
    status: { phase },
  };
}

/** Bound at first use, provisioned by `example.com/disks`. */
export function storedClass(name: string, more: Partial<StorageClass> = {}): Stored<StorageClass> {
  return {
    provisioner: 'example.com/disks',
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Delete',
    ...more,
    metadata: storedMetadata(name, more.metadata),
  };
}
