/** ReplicaSet: one replica unless told otherwise. */

import type { ReplicaSet, ReplicaSetSpec } from '../../generated/types.gen.ts';
import { checkImmutable, checkNonNegative } from '../../validation/field-checks.ts';
import type { FieldError } from '../../validation/field-error.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import { validateReplicaCounts, validateSelectorAndTemplate } from './workload-validation.ts';

export const replicaSet: Strategy<ReplicaSet> = {
  setDefaults(replicaSet) {
    replicaSet.spec ??= {} as ReplicaSetSpec;
    replicaSet.spec.replicas ??= 1;
    replicaSet.spec.template ??= {};
    setPodTemplateDefaults(replicaSet.spec.template);
  },
  prepareForCreate(replicaSet) {
    replicaSet.status = { replicas: 0 };
  },
  prepareForUpdate: keepStatus,
  validate: (replicaSet) => validateSpec(replicaSet.spec!),
  validateUpdate: (now, old) => [
    ...validateSpec(now.spec!),
    ...checkImmutable('spec.selector', now.spec?.selector, old.spec?.selector),
  ],
  validateStatusUpdate: ({ status }) => validateReplicaCounts(status),
  warnings: workloadWarnings,
};

function validateSpec(spec: ReplicaSetSpec): FieldError[] {
  return [
    ...checkNonNegative('spec.replicas', spec.replicas),
    ...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds),
    // Upstream says deployment here too.
    ...validateSelectorAndTemplate(spec, 'empty selector is invalid for deployment'),
  ];
}
