/** PersistentVolumeClaim: a wish for storage, a filesystem unless told otherwise. */

import type { Strategy } from '../strategy.ts';
import type { PersistentVolumeClaim } from '../types.gen.ts';
import { keepStatus } from './status-handling.ts';

export const persistentVolumeClaim: Strategy<PersistentVolumeClaim> = {
  hasGeneration: false,
  setDefaults(claim) {
    claim.spec ??= {};
    claim.spec.volumeMode ||= 'Filesystem';
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
  },
  prepareForUpdate: keepStatus,
  selectableFields(claim) {
    return { name: claim.metadata?.name ?? '' };
  },
};
