/**
 * ReplicationController: selector and labels default to those of the template; its pods are orphaned by
 * default.
 */

import { replicationControllers } from '../../generated/kinds.gen.ts';
import type { ReplicationController, ReplicationControllerSpec } from '../../generated/types.gen.ts';
import { formatLabels } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';
import { countedAs } from '../../kind/quota.ts';
import { workloadScale } from '../../kind/scale.ts';
import { keepAllButStatus, keepStatus } from '../../kind/status-handling.ts';
import { selectorFromSet } from '../../selectors/selector.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, required } from '../../validation/field-error.ts';
import { dropDisabledFields } from '../pods/defaults/disabled-fields.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { replicaCells, replicaColumns, templateColumns } from './workload-columns.ts';
import { validateOwnTemplate, validateReplicaCounts } from './workload-validation.ts';

export const replicationController = defineKind(replicationControllers, {
  defaultPropagation: 'Orphan',
  setDefaults(controller) {
    controller.spec ??= {} as ReplicationControllerSpec;
    const spec = controller.spec;
    setDefaultLabels(controller);
    spec.replicas ??= 1;
    setPodTemplateDefaults(spec.template);
  },
  dropDisabled: ({ spec }) => dropDisabledFields(spec?.template?.spec),
  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
  },
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(controller, old) {
    keepAllButStatus(controller, old);
    setDefaultLabels(controller);
  },
  validate: (controller) => validateSpec(controller.spec!),
  validateStatusUpdate: ({ status }) => validateReplicaCounts(status),
  // Of an update, upstream warns of the template that was.
  warnings: (now, old) => workloadWarnings(old?.spec ? { ...now, spec: old.spec } : now, old),
  selectableFields(controller) {
    return { 'status.replicas': String(controller.status?.replicas ?? 0) };
  },
  scale: {
    ...workloadScale,
    selector: ({ spec }) => selectorFromSet(spec?.selector).toString(),
  },
  quota: countedAs('replicationcontrollers'),
  storageFolder: 'controllers',
  printer: {
    columns: [nameColumn, ...replicaColumns, ageColumn, ...templateColumns],
    cells: (controller, now) => [...replicaCells(controller, now), formatLabels(controller.spec?.selector)],
  },
});

/** The labels of its template. Upstream sets them on what it reads from storage, too. */
function setDefaultLabels(controller: ReplicationController): void {
  const labels = controller.spec?.template?.metadata?.labels;
  if (!labels || isEmpty(labels)) return;
  if (isEmpty(controller.spec!.selector)) controller.spec!.selector = { ...labels };
  controller.metadata ??= {};
  if (isEmpty(controller.metadata.labels)) controller.metadata.labels = { ...labels };
}

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
      (labels) => Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value),
      'ReplicationController',
    ),
  ];
}
