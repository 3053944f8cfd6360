/** Columns that PersistentVolume and PersistentVolumeClaim share. */

import type { KubeObject } from '../../meta/object.ts';

export const betaClass = 'volume.beta.kubernetes.io/storage-class';

export function storageClass(object: KubeObject, name: string | undefined): string {
  return object.metadata?.annotations?.[betaClass] ?? name ?? '';
}

export function phase(object: KubeObject & { status?: { phase?: string } }): string {
  return object.metadata?.deletionTimestamp ? 'Terminating' : (object.status?.phase ?? '');
}
