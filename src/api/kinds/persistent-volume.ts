/** PersistentVolume: a piece of storage, kept when its claim goes. */

import type { Strategy } from '../strategy.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '../types.gen.ts';
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './persistent-volume-validation.ts';
import { keepStatus } from './status-handling.ts';

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
