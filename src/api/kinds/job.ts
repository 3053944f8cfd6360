/** Job: runs pods to completion; its selector and template labels are made from its uid; its pods outlive it by default. */

import { templateWarnings } from '../pod-validation/warnings.ts';
import type { Strategy } from '../strategy.ts';
import type { Job, JobSpec } from '../types.gen.ts';
import { validateJob, validateJobUpdate } from './job-validation.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';
import { keepStatus } from './status-handling.ts';
import { validateCounts } from './workload-validation.ts';

const maxInt32 = 2147483647;

export const job: Strategy<Job> = {
  defaultPropagation: 'Orphan',
  setDefaults(job) {
    job.spec ??= {} as JobSpec;
    const spec = job.spec;
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : maxInt32;
    spec.completionMode ||= 'NonIndexed';
    spec.suspend ??= false;
    spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
    const labels = spec.template?.metadata?.labels;
    if (labels && Object.keys(labels).length > 0) {
      job.metadata ??= {};
      if (Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = { ...labels };
    }
    setJobTemplateDefaults(spec);
  },
  prepareForCreate(job) {
    job.status = {};
    setSelector(job);
  },
  prepareForUpdate: keepStatus,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: ({ status }) => validateCounts(status ?? {}, ['active', 'succeeded', 'failed'], []),
  warnings: (job, old) => templateWarnings(job.spec?.template, 'spec.template', job.metadata, old?.metadata),
  selectableFields(job) {
    return { 'status.successful': String(job.status?.succeeded ?? 0) };
  },
};

/** The defaults a job's spec gets also inside a CronJob's template. */
export function setJobTemplateDefaults(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
  setPodTemplateDefaults(spec.template);
}

function setSelector(job: Job): void {
  const spec = job.spec!;
  const uid = job.metadata?.uid ?? '';
  if (!spec.template) return;
  spec.template.metadata ??= {};
  const meta = spec.template.metadata;
  meta.labels ??= {};
  const labels = meta.labels;
  const jobName = job.metadata?.name ?? '';
  if (spec.manualSelector) return;
  labels['controller-uid'] = uid;
  labels['job-name'] = jobName;
  labels['batch.kubernetes.io/controller-uid'] = uid;
  labels['batch.kubernetes.io/job-name'] = jobName;
  spec.selector ??= {};
  spec.selector.matchLabels ??= {};
  spec.selector.matchLabels['batch.kubernetes.io/controller-uid'] ??= uid;
}
