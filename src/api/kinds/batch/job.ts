/**
 * Job: runs pods to completion; its selector and template labels are generated from its uid; its pods are
 * orphaned by default.
 */

import { goQuoted } from '#wire/json/go-values.ts';
import { jobs } from '../../generated/kinds.gen.ts';
import type { Job, JobSpec } from '../../generated/types.gen.ts';
import { ageOf, containerImages, containerNames, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn, type PrintTime } from '../../kind/printer.ts';
import { keepAllButStatus, keepStatus } from '../../kind/status-handling.ts';
import { isConditionTrue } from '../../meta/conditions.ts';
import { formatLabelSelector } from '../../selectors/selector.ts';
import { maxInt32 } from '../../validation/validators.ts';
import { humanAge } from '../../values/duration.ts';
import { templateColumns } from '../apps/workload-columns.ts';
import { dropDisabledFields } from '../pods/defaults/disabled-fields.ts';
import { setPodTemplateDefaults } from '../pods/defaults/spec.ts';
import { workloadWarnings } from '../pods/validation/warnings/warnings.ts';
import { validateJobStatus } from './job-status-validation.ts';
import { validateJob, validateJobUpdate } from './job-validation.ts';

export const job = defineKind(jobs, {
  defaultPropagation: 'Orphan',
  setDefaults(job) {
    job.spec ??= {} as JobSpec;
    const spec = job.spec;
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : maxInt32;
    spec.completionMode ??= 'NonIndexed';
    spec.suspend ??= false;
    spec.manualSelector ??= false;
    spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
    setDefaultLabels(job);
    setJobTemplateDefaults(spec);
  },
  dropDisabled: ({ spec }) => dropDisabledFields(spec?.template?.spec),
  prepareForCreate(job) {
    job.status = {};
    setSelector(job);
  },
  /** By then the template has generated labels. */
  setStoredDefaults: setDefaultLabels,
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(job, old) {
    keepAllButStatus(job, old);
    setDefaultLabels(job);
  },
  validate: validateJob,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
  warnings: workloadWarnings,
  selectableFields(job) {
    return { 'status.successful': String(job.status?.succeeded ?? 0) };
  },
  unsupportedFieldText: (field) => `field label ${goQuoted(field)} not supported for Job`,
  printer: {
    columns: [
      nameColumn,
      column('Status'),
      column('Completions'),
      column('Duration'),
      ageColumn,
      ...templateColumns,
    ],
    cells: (job, now) => [
      nameOf(job),
      jobStatus(job),
      completions(job),
      jobDuration(job, now),
      ageOf(job, now),
      containerNames(job.spec?.template.spec?.containers),
      containerImages(job.spec?.template.spec?.containers),
      formatLabelSelector(job.spec?.selector),
    ],
  },
});

/** The defaults of a job's spec, which also apply inside a CronJob's template. */
export function setJobTemplateDefaults(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
  setPodTemplateDefaults(spec.template);
}

function jobStatus(job: Job): string {
  const isTrue = (type: string) => isConditionTrue(job.status, type);
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  if (job.metadata?.deletionTimestamp) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(isTrue) ?? 'Running';
}

function completions(job: Job): string {
  const succeeded = job.status?.succeeded ?? 0;
  if (job.spec?.completions !== undefined) return `${succeeded}/${job.spec.completions}`;
  const parallelism = job.spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: Job, now: PrintTime): string {
  const { startTime, completionTime } = job.status ?? {};
  if (!startTime) return '';
  return humanAge(startTime, completionTime ? Date.parse(completionTime) : now);
}

/**
 * Those of its pods, unless it has some: the same object, as upstream's is the same map, so that a new job has the labels
 * that its template then gets. Managed fields are computed before.
 */
function setDefaultLabels(job: Job): void {
  const labels = job.spec?.template?.metadata?.labels ?? {};
  if (Object.keys(labels).length === 0) return;
  job.metadata ??= {};
  if (Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = labels;
}

function setSelector(job: Job): void {
  const spec = job.spec!;
  if (!spec.template || spec.manualSelector) return;
  const { uid = '', name = '' } = job.metadata ?? {};
  spec.template.metadata ??= {};
  spec.template.metadata.labels ??= {};
  const labels = spec.template.metadata.labels;
  const own = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  // The author's labels stay, and are rejected if they differ.
  for (const [key, value] of Object.entries(own)) labels[key] ??= value;
  spec.selector ??= {};
  spec.selector.matchLabels ??= {};
  spec.selector.matchLabels['batch.kubernetes.io/controller-uid'] ??= uid;
}
