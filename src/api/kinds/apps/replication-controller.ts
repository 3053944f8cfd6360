/** ReplicationController: selector and labels come from the template when left out; its pods outlive it by default. */

import type { ReplicationController, ReplicationControllerSpec } from '../../generated/types.gen.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, required } from '../../validation/field-error.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import { matcherOf, validateOwnTemplate, validateReplicaCounts } from './workload-validation.ts';

export const replicationController: Strategy<ReplicationController> = {
  defaultPropagation: 'Orphan',
  setDefaults(controller) {
    controller.spec ??= {} as ReplicationControllerSpec;
    const spec = controller.spec;
    const labels = spec.template?.metadata?.labels;
    if (labels && !isEmpty(labels)) {
      if (isEmpty(spec.selector)) spec.selector = { ...labels };
      controller.metadata ??= {};
      if (isEmpty(controller.metadata.labels)) controller.metadata.labels = { ...labels };
    }
    spec.replicas ??= 1;
    setPodTemplateDefaults(spec.template);
  },
  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
  },
  prepareForUpdate: keepStatus,
  validate: (controller) => validateSpec(controller.spec!),
  validateStatusUpdate: ({ status }) => validateReplicaCounts(status),
  warnings: workloadWarnings,
  selectableFields(controller) {
    return { 'status.replicas': String(controller.status?.replicas ?? 0) };
  },
};

function isEmpty(map: Record<string, string> | undefined): boolean {
  return !map || Object.keys(map).length === 0;
}

function validateSpec(spec: ReplicationControllerSpec): FieldError[] {
  return [
    ...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(isEmpty(spec.selector) ? [required('spec.selector')] : []),
    ...checkNonNegative('spec.replicas', spec.replicas),
    ...validateOwnTemplate(
      spec.template,
      matcherOf({ matchLabels: spec.selector ?? {} }),
      'ReplicationController',
    ),
  ];
}
