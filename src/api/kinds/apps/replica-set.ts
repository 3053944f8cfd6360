/** ReplicaSet: one replica by default. */

import { replicaSets } from '../../generated/kinds.gen.ts';
import type { ReplicaSetSpec } from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';
import { workloadScale } from '../../kind/scale.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { formatLabelSelector } from '../../selectors/selector.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import type { FieldError } from '../../validation/field-error.ts';
import { dropDisabledFields } from '../pods/defaults/disabled-fields.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { replicaCells, replicaColumns, templateColumns } from './workload-columns.ts';
import {
  checkSelectorIsKept,
  validateReplicaCounts,
  validateSelectorAndTemplate,
} from './workload-validation.ts';

export const replicaSet = defineKind(replicaSets, {
  setDefaults(replicaSet) {
    replicaSet.spec ??= {} as ReplicaSetSpec;
    replicaSet.spec.replicas ??= 1;
    replicaSet.spec.template ??= {};
    setPodTemplateDefaults(replicaSet.spec.template);
  },
  dropDisabled: ({ spec }) => dropDisabledFields(spec?.template?.spec),
  prepareForCreate(replicaSet) {
    replicaSet.status = { replicas: 0 };
  },
  prepareForUpdate: keepStatus,
  validate: (replicaSet) => validateSpec(replicaSet.spec!),
  validateUpdate: (now, old) => [
    ...validateSpec(now.spec!),
    ...checkSelectorIsKept(now.spec?.selector, old.spec?.selector),
  ],
  validateStatusUpdate: ({ status }) => validateReplicaCounts(status),
  warnings: workloadWarnings,
  scale: workloadScale,
  printer: {
    columns: [nameColumn, ...replicaColumns, ageColumn, ...templateColumns],
    cells: (replicaSet, now) => [
      ...replicaCells(replicaSet, now),
      formatLabelSelector(replicaSet.spec?.selector),
    ],
  },
});

function validateSpec(spec: ReplicaSetSpec): FieldError[] {
  return [
    ...checkNonNegative('spec.replicas', spec.replicas),
    ...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds),
    // Upstream's text says deployment here too.
    ...validateSelectorAndTemplate(spec, 'empty selector is invalid for deployment'),
  ];
}
