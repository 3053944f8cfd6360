/** DaemonSet: one pod on each node, replaced one node at a time. */

import { daemonSets } from '../../generated/kinds.gen.ts';
import type { DaemonSet, DaemonSetSpec, DaemonSetStatus } from '../../generated/types.gen.ts';
import { ageOf, formatLabels, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { keepAllButStatus, keepStatus } from '../../kind/status-handling.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { formatLabelSelector } from '../../selectors/selector.ts';
import { isEmptySelector, validateLabelSelector } from '../../selectors/validation.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { shownSelector } from '../../validation/internal-form.ts';
import { dropDisabledFields } from '../pods/defaults/disabled-fields.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { validatePodTemplate } from '../pods/validation/spec.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { containerCells, replicaColumns, templateColumns } from './workload-columns.ts';
import {
  checkIntOrPercent,
  checkNotDecremented,
  checkNotMoreThan100Percent,
  checkSelectorIsKept,
  internalStrategy,
  isZeroIntOrPercent,
  matcherOf,
  validateAlwaysRestarts,
  validateCounts,
  validateTemplateLabels,
} from './workload-validation.ts';

export const daemonSet = defineKind(daemonSets, {
  setDefaults(daemonSet) {
    daemonSet.spec ??= {} as DaemonSetSpec;
    const spec = daemonSet.spec;
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    spec.template ??= {};
    setPodTemplateDefaults(spec.template);
    // Set with the defaults, so that the manager that writes the object owns the annotation.
    if (daemonSet.metadata?.annotations?.[generationAnnotation] === undefined) countTemplates(daemonSet, 0);
  },
  dropDisabled: ({ spec }) => dropDisabledFields(spec?.template?.spec),
  prepareForCreate(daemonSet) {
    daemonSet.status = { ...noPods };
    countTemplates(daemonSet, templateCount(daemonSet));
  },
  prepareForUpdate(daemonSet, old) {
    keepStatus(daemonSet, old);
    const changes = deepEqual(
      daemonSet.spec?.template,
      old.spec?.template,
      'io.k8s.api.core.v1.PodTemplateSpec',
    )
      ? 0
      : 1;
    countTemplates(daemonSet, templateCount(old) + changes);
  },
  prepareForStatusUpdate(daemonSet, old) {
    keepAllButStatus(daemonSet, old);
    countTemplates(daemonSet, templateCount(old));
  },
  validate: (daemonSet) => validateSpec(daemonSet.spec!),
  validateUpdate: (now, old) => [
    ...checkSelectorIsKept(now.spec?.selector, old.spec?.selector),
    ...validateSpec(now.spec!),
  ],
  validateStatusUpdate: (now, old) => [
    ...validateCounts(now.status ?? noPods, [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ]),
    ...checkNotDecremented(now.status?.collisionCount, old.status?.collisionCount),
  ],
  warnings: workloadWarnings,
  printer: {
    columns: [
      nameColumn,
      ...replicaColumns,
      column('Up-to-date', 'integer'),
      column('Available', 'integer'),
      column('Node Selector'),
      ageColumn,
      ...templateColumns,
    ],
    cells: (daemonSet, now) => [
      nameOf(daemonSet),
      daemonSet.status?.desiredNumberScheduled ?? 0,
      daemonSet.status?.currentNumberScheduled ?? 0,
      daemonSet.status?.numberReady ?? 0,
      daemonSet.status?.updatedNumberScheduled ?? 0,
      daemonSet.status?.numberAvailable ?? 0,
      formatLabels(daemonSet.spec?.template.spec?.nodeSelector),
      ageOf(daemonSet, now),
      ...containerCells(daemonSet.spec?.template.spec),
      formatLabelSelector(daemonSet.spec?.selector),
    ],
  },
});

const generationAnnotation = 'deprecated.daemonset.template.generation';

const noPods: DaemonSetStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

/** Number of template changes: formerly a field of the spec, now an annotation. */
function templateCount(daemonSet: DaemonSet): number {
  const text = daemonSet.metadata?.annotations?.[generationAnnotation] ?? '';
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : 1;
}

function countTemplates(daemonSet: DaemonSet, count: number): void {
  daemonSet.metadata ??= {};
  daemonSet.metadata.annotations = {
    ...daemonSet.metadata.annotations,
    [generationAnnotation]: String(count),
  };
}

function validateSpec(spec: DaemonSetSpec): FieldError[] {
  const errors = validateLabelSelector(spec.selector, 'spec.selector');
  errors.push(...validateTemplateLabels(spec.template, matcherOf(spec.selector)));
  if (spec.selector && isEmptySelector(spec.selector)) {
    errors.push(
      invalidValue('spec.selector', shownSelector(spec.selector), 'empty selector is invalid for daemonset'),
    );
  }
  return [
    ...errors,
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...validateAlwaysRestarts(spec.template, 'DaemonSet'),
    ...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateUpdateStrategy(spec),
    ...checkNonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

function validateUpdateStrategy(spec: DaemonSetSpec): FieldError[] {
  const path = 'spec.updateStrategy';
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    return [notSupported(path, internalStrategy(spec.updateStrategy), ['RollingUpdate', 'OnDelete'])];
  }
  if (!rollingUpdate) return [required(`${path}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [checkIntOrPercent, checkNotMoreThan100Percent].flatMap((check) => [
    ...check(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
    ...check(`${path}.rollingUpdate.maxSurge`, maxSurge),
  ]);
  const [noUnavailable, noSurge] = [isZeroIntOrPercent(maxUnavailable), isZeroIntOrPercent(maxSurge)];
  if (noUnavailable && noSurge) {
    errors.push(required(`${path}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  } else if (!noUnavailable && !noSurge) {
    const text = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalidValue(`${path}.rollingUpdate.maxSurge`, maxSurge, text));
  }
  return errors;
}
