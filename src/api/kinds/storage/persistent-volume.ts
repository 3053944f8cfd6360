/** PersistentVolume: a piece of storage, kept when its claim goes. */

import type { PersistentVolume, PersistentVolumeSpec } from '../../generated/types.gen.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './persistent-volume-validation.ts';

export const persistentVolume: Strategy<PersistentVolume> = {
  hasGeneration: false,
  setDefaults(volume) {
    volume.spec ??= {} as PersistentVolumeSpec;
    const spec = volume.spec;
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ||= 'Filesystem';
    if (spec.hostPath) spec.hostPath.type ??= '';
    if (spec.iscsi) spec.iscsi.iscsiInterface ||= 'default';
    volume.status ??= {};
    volume.status.phase ||= 'Pending';
  },
  prepareForCreate(volume, now) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: now };
  },
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(volume, old, now) {
    volume.spec = structuredClone(old.spec) as PersistentVolumeSpec;
    const status = volume.status ?? {};
    const { phase, lastPhaseTransitionTime: before } = old.status ?? {};
    if (status.phase === phase) {
      if (before) status.lastPhaseTransitionTime ??= before;
    } else if (!status.lastPhaseTransitionTime || status.lastPhaseTransitionTime === before) {
      status.lastPhaseTransitionTime = now;
    }
    volume.status = status;
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
};
