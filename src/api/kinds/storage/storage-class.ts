/** StorageClass: how volumes are provisioned; most of it is immutable. */

import { storageClasses } from '../../generated/kinds.gen.ts';
import type { StorageClass } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { withoutVolumes } from '../../kind/unbuilt.ts';
import { checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, notSupported } from '../../validation/field-error.ts';
import { checkDriverName, checkParameters } from './class-checks.ts';

export const storageClass = defineKind(storageClasses, {
  setDefaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: (now, old) => fixedFields.flatMap((key) => checkImmutable(key, now[key], old[key])),
  unbuilt: withoutVolumes,
  printer: {
    columns: [
      nameColumn,
      column('Provisioner'),
      column('ReclaimPolicy'),
      column('VolumeBindingMode'),
      column('AllowVolumeExpansion'),
      ageColumn,
    ],
    cells: (storageClass, now) => {
      const isDefault = defaultClass.some((key) => storageClass.metadata?.annotations?.[key] === 'true');
      return [
        isDefault ? `${nameOf(storageClass)} (default)` : nameOf(storageClass),
        storageClass.provisioner,
        storageClass.reclaimPolicy ?? 'Delete',
        storageClass.volumeBindingMode ?? 'Immediate',
        storageClass.allowVolumeExpansion ?? false,
        ageOf(storageClass, now),
      ];
    },
  },
});

const defaultClass = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const fixedFields = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const;

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const reclaim = ['Delete', 'Retain'];
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  const { provisioner, reclaimPolicy = '', volumeBindingMode = '' } = storageClass;
  return [
    ...checkDriverName('provisioner', provisioner),
    ...checkParameters('parameters', storageClass.parameters ?? {}),
    ...(reclaim.includes(reclaimPolicy) || reclaimPolicy === ''
      ? []
      : [notSupported('reclaimPolicy', reclaimPolicy, reclaim)]),
    ...(modes.includes(volumeBindingMode)
      ? []
      : [notSupported('volumeBindingMode', volumeBindingMode, modes)]),
  ];
}
