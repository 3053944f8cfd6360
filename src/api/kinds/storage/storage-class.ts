/** StorageClass: how volumes are provisioned; most of it is immutable. */

import { storageClasses } from '../../generated/kinds.gen.ts';
import type {
  StorageClass,
  TopologySelectorLabelRequirement,
  TopologySelectorTerm,
} from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';
import { fieldIsImmutable, qualifiedName } from '../../validation/validators.ts';
import { isDefaultClass } from '../../volumes/storage-class.ts';
import { checkDriverName, checkParameters } from './class-checks.ts';

export const storageClass = defineKind(storageClasses, {
  setDefaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: (now, old) => fixedFields.flatMap((key) => checkIsKept(key, now, old)),
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
      return [
        isDefaultClass(storageClass) ? `${nameOf(storageClass)} (default)` : nameOf(storageClass),
        storageClass.provisioner,
        storageClass.reclaimPolicy ?? 'Delete',
        storageClass.volumeBindingMode ?? 'Immediate',
        storageClass.allowVolumeExpansion ?? false,
        ageOf(storageClass, now),
      ];
    },
  },
});

const fixedFields = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const;

function checkIsKept(key: (typeof fixedFields)[number], now: StorageClass, old: StorageClass): FieldError[] {
  const isKept = deepEqual({ [key]: now[key] }, { [key]: old[key] }, 'io.k8s.api.storage.v1.StorageClass');
  return isKept ? [] : [invalidValue(key, now[key], fieldIsImmutable)];
}

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
    ...validateTopologies(storageClass.allowedTopologies ?? []),
  ];
}

/** A term without expressions counts as a repetition, as upstream compares each with terms that are not there yet. */
function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  const earlier = new Map<string, number>([['[]', terms.length]]);
  return terms.flatMap(({ matchLabelExpressions }, i) => {
    const path = `allowedTopologies[${i}].matchLabelExpressions`;
    const expressions = matchLabelExpressions ?? [];
    const values = new Map(
      expressions.map(({ key, values }) => [key ?? '', [...new Set(values ?? [])].sort()]),
    );
    const term = JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
    const same = earlier.get(term) ?? 0;
    earlier.set(term, same + 1);
    return [
      ...validateExpressions(expressions, path),
      ...Array.from({ length: same }, () => duplicate(path, '')),
    ];
  });
}

function validateExpressions(
  expressions: readonly TopologySelectorLabelRequirement[],
  path: string,
): FieldError[] {
  const isRepeated = repeats(expressions.map(({ key }) => key ?? ''));
  return expressions.flatMap(({ key, values: given }, i) => {
    const at = `${path}[${i}]`;
    const values = given ?? [];
    const errors = values.length === 0 ? [required(`${at}.values`)] : [];
    for (const [j, again] of repeats(values).entries()) {
      if (again) errors.push(duplicate(`${at}.values[${j}]`, values[j]));
    }
    errors.push(...checkField(`${at}.key`, key, qualifiedName));
    return isRepeated[i] ? [...errors, duplicate(`${at}.key`, key ?? '')] : errors;
  });
}
