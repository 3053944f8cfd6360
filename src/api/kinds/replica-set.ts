/** ReplicaSet: one replica unless told otherwise. */

import { checkImmutable, checkNonNegative } from '../field-checks.ts';
import type { FieldError } from '../field-error.ts';
import { workloadWarnings } from '../pod-validation/warnings.ts';
import type { Strategy } from '../strategy.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../types.gen.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';
import { keepStatus } from './status-handling.ts';
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
