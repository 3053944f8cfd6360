/** Columns that PersistentVolume and PersistentVolumeClaim share. */

import type { KubeObject } from '../../meta/object.ts';

export function phase(object: KubeObject & { status?: { phase?: string } }): string {
  return object.metadata?.deletionTimestamp ? 'Terminating' : (object.status?.phase ?? '');
}
