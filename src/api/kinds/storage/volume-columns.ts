/** What the columns of PersistentVolume and PersistentVolumeClaim share. */

import type { KubeObject } from '../../meta/object.ts';

export const betaClass = 'volume.beta.kubernetes.io/storage-class';

export function storageClass(one: KubeObject, name: string | undefined): string {
  return one.metadata?.annotations?.[betaClass] ?? name ?? '';
}

export function phase(one: KubeObject & { status?: { phase?: string } }): string {
  return one.metadata?.deletionTimestamp ? 'Terminating' : (one.status?.phase ?? '');
}
