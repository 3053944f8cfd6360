/** StorageClass: how volumes are provisioned; most of it is immutable. */

import { storageClasses } from '../../generated/kinds.gen.ts';
import type { StorageClass } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { withoutVolumes } from '../../kind/unbuilt.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, notSupported, required } from '../../validation/field-error.ts';

export const storageClass = defineKind(storageClasses, {
  setDefaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  validateUpdate: (now, old) => [
    ...forbiddenChanges
      .filter((key) => !deepEqual(now[key], old[key]))
      .map((key) => forbiddenField(key, `updates to ${key} are forbidden.`)),
    ...checkImmutable('volumeBindingMode', now.volumeBindingMode, old.volumeBindingMode),
  ],
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
    cells: (storageClass, nowMs) => {
      const isDefault = defaultClass.some((key) => storageClass.metadata?.annotations?.[key] === 'true');
      return [
        isDefault ? `${nameOf(storageClass)} (default)` : nameOf(storageClass),
        storageClass.provisioner,
        storageClass.reclaimPolicy ?? 'Delete',
        storageClass.volumeBindingMode ?? 'Immediate',
        storageClass.allowVolumeExpansion ?? false,
        ageOf(storageClass, nowMs),
      ];
    },
  },
});

const defaultClass = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const forbiddenChanges = ['parameters', 'provisioner', 'reclaimPolicy'] as const;

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const reclaim = ['Delete', 'Retain'];
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  const { provisioner, reclaimPolicy = '', volumeBindingMode = '' } = storageClass;
  return [
    ...(provisioner ? [] : [required('provisioner')]),
    ...(reclaim.includes(reclaimPolicy) ? [] : [notSupported('reclaimPolicy', reclaimPolicy, reclaim)]),
    ...(modes.includes(volumeBindingMode)
      ? []
      : [notSupported('volumeBindingMode', volumeBindingMode, modes)]),
  ];
}
