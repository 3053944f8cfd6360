/** PersistentVolume: a piece of storage, retained by default when its claim is deleted. */

import { copyJson } from '#base/copy-json.ts';
import { persistentVolumes } from '../../generated/kinds.gen.ts';
import type { PersistentVolumeSpec } from '../../generated/types.gen.ts';
import { accessModesText, ageOf, nameOf, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn, wideColumn } from '../../kind/printer.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { classOfVolume } from '../../volumes/storage-class.ts';
import { setSourceDefaults } from '../pods/defaults/volumes.ts';
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './persistent-volume-validation.ts';
import { persistentVolumeWarnings } from './persistent-volume-warnings.ts';
import { phase } from './volume-columns.ts';

export const persistentVolume = defineKind(persistentVolumes, {
  hasGeneration: false,
  setDefaults(volume) {
    volume.spec ??= {} as PersistentVolumeSpec;
    const spec = volume.spec;
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    setSourceDefaults(spec);
    volume.status ??= {};
    volume.status.phase ||= 'Pending';
  },
  prepareForCreate(volume, now) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: now };
  },
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(volume, old, now) {
    volume.spec = copyJson(old.spec) as PersistentVolumeSpec;
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
  updateChecks: ['metadata', 'object', 'metadata', 'object', 'change'],
  validateUpdate: validatePersistentVolumeUpdate,
  warnings: persistentVolumeWarnings,
  printer: {
    columns: [
      nameColumn,
      column('Capacity'),
      column('Access Modes'),
      column('Reclaim Policy'),
      column('Status'),
      column('Claim'),
      column('StorageClass'),
      column('VolumeAttributesClass'),
      column('Reason'),
      ageColumn,
      wideColumn('VolumeMode'),
    ],
    cells: (volume, now) => {
      const claim = volume.spec?.claimRef;
      return [
        nameOf(volume),
        volume.spec?.capacity?.['storage'] ?? '0',
        accessModesText(volume.spec?.accessModes),
        volume.spec?.persistentVolumeReclaimPolicy ?? '',
        phase(volume),
        claim ? `${claim.namespace}/${claim.name}` : '',
        classOfVolume(volume),
        volume.spec?.volumeAttributesClassName ?? unset,
        volume.status?.reason ?? '',
        ageOf(volume, now),
        volume.spec?.volumeMode ?? unset,
      ];
    },
  },
});
