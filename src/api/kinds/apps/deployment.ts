/**
 * Deployment: by default one replica, 25 % surge and unavailable, ten old ReplicaSets, ten minutes progress
 * deadline.
 */

import { deployments } from '../../generated/kinds.gen.ts';
import type { DeploymentSpec } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { workloadScale } from '../../kind/scale.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import { formatLabelSelector } from '../../selectors/selector.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { dropDisabledFields } from '../pods/defaults/disabled-fields.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { containerCells, templateColumns } from './workload-columns.ts';
import {
  checkIntOrPercent,
  checkNotDecremented,
  checkNotMoreThan100Percent,
  checkSelectorIsKept,
  internalStrategy,
  isZeroIntOrPercent,
  validateCounts,
  validateSelectorAndTemplate,
} from './workload-validation.ts';

export const deployment = defineKind(deployments, {
  setDefaults(deployment) {
    deployment.spec ??= {} as DeploymentSpec;
    const spec = deployment.spec;
    spec.replicas ??= 1;
    spec.strategy ??= {};
    spec.strategy.type ||= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.template ??= {};
    setPodTemplateDefaults(spec.template);
  },
  dropDisabled: ({ spec }) => dropDisabledFields(spec?.template?.spec),
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  // Annotations are copied to its ReplicaSets: changing them requires its controller.
  specOf: ({ metadata, spec }) => ({ metadata: { annotations: metadata?.annotations ?? {} }, spec }),
  validate: (deployment) => validateSpec(deployment.spec!),
  validateUpdate: (now, old) => [
    ...validateSpec(now.spec!),
    ...checkSelectorIsKept(now.spec?.selector, old.spec?.selector),
  ],
  validateStatusUpdate: (now, old) => [
    ...validateCounts(
      now.status ?? {},
      [
        'observedGeneration',
        'replicas',
        'updatedReplicas',
        'readyReplicas',
        'availableReplicas',
        'unavailableReplicas',
        'collisionCount',
      ],
      ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ),
    ...checkNotDecremented(now.status?.collisionCount, old.status?.collisionCount),
  ],
  warnings: workloadWarnings,
  keptByStatus: ['labels'],
  scale: workloadScale,
  printer: {
    columns: [
      nameColumn,
      column('Ready'),
      column('Up-to-date'),
      column('Available'),
      ageColumn,
      ...templateColumns,
    ],
    cells: (deployment, now) => [
      nameOf(deployment),
      `${deployment.status?.readyReplicas ?? 0}/${deployment.spec?.replicas ?? 0}`,
      deployment.status?.updatedReplicas ?? 0,
      deployment.status?.availableReplicas ?? 0,
      ageOf(deployment, now),
      ...containerCells(deployment.spec?.template.spec),
      deployment.spec?.selector ? formatLabelSelector(deployment.spec.selector) : '',
    ],
  },
});

function validateSpec(spec: DeploymentSpec): FieldError[] {
  const errors = [
    ...checkNonNegative('spec.replicas', spec.replicas),
    ...validateSelectorAndTemplate(spec, 'empty selector is invalid for deployment'),
    ...validateStrategy(spec),
    ...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...checkNonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...checkNonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
  ];
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
    const text = 'must be greater than minReadySeconds';
    errors.push(invalidValue('spec.progressDeadlineSeconds', deadline, text));
  }
  return errors;
}

function validateStrategy(spec: DeploymentSpec): FieldError[] {
  const path = 'spec.strategy';
  const { type, rollingUpdate } = spec.strategy ?? {};
  if (type === 'Recreate') {
    const text = "may not be specified when strategy `type` is 'Recreate'";
    return rollingUpdate ? [forbiddenField(`${path}.rollingUpdate`, text)] : [];
  }
  if (type !== 'RollingUpdate') {
    return [notSupported(path, internalStrategy(spec.strategy), ['Recreate', 'RollingUpdate'])];
  }
  if (!rollingUpdate) {
    return [required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')];
  }
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const at = `${path}.rollingUpdate.maxUnavailable`;
  const errors = [
    ...checkIntOrPercent(at, maxUnavailable),
    ...checkIntOrPercent(`${path}.rollingUpdate.maxSurge`, maxSurge),
  ];
  if (isZeroIntOrPercent(maxUnavailable) && isZeroIntOrPercent(maxSurge)) {
    errors.push(invalidValue(at, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return [...errors, ...checkNotMoreThan100Percent(at, maxUnavailable)];
}
