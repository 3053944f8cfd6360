/** CronJob: jobs by the clock, side by side if need be, the last few kept. */

import { cronScheduleProblem } from '../cron-expression.ts';
import { checkNonNegative, checkOneOf } from '../field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../field-error.ts';
import { templateWarnings } from '../pod-validation/warnings.ts';
import type { Strategy } from '../strategy.ts';
import type { CronJob, CronJobSpec } from '../types.gen.ts';
import { setJobTemplateDefaults } from './job.ts';
import { validateJobSpec } from './job-validation.ts';
import { emptyStatus, keepStatus } from './status-handling.ts';

export const cronJob: Strategy<CronJob> = {
  setDefaults(cronJob) {
    cronJob.spec ??= {} as CronJobSpec;
    const spec = cronJob.spec;
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    if (spec.jobTemplate?.spec) setJobTemplateDefaults(spec.jobTemplate.spec);
  },
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => validateSpec(spec!),
  warnings: (cronJob, old) =>
    templateWarnings(
      cronJob.spec?.jobTemplate?.spec?.template,
      'spec.jobTemplate.spec.template',
      cronJob.metadata,
      old?.metadata,
    ),
};

function validateSpec(spec: CronJobSpec): FieldError[] {
  const errors = validateSchedule(spec);
  errors.push(...checkNonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds));
  errors.push(
    ...checkOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
  );
  const path = 'spec.jobTemplate.spec';
  const job = spec.jobTemplate?.spec;
  if (!job) return [...errors, required(`${path}.template`)];
  errors.push(...validateJobSpec(job, path));
  if (job.selector) {
    errors.push(invalidValue(`${path}.selector`, job.selector, '`selector` will be auto-generated'));
  }
  if (job.manualSelector) errors.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false']));
  errors.push(...checkNonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit));
  return [...errors, ...checkNonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit)];
}

function validateSchedule({ schedule, timeZone }: CronJobSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (!schedule) errors.push(required('spec.schedule'));
  else if (/\bTZ=/.test(schedule)) {
    const text = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalidValue('spec.schedule', schedule, text));
  } else {
    const problem = cronScheduleProblem(schedule);
    if (problem) errors.push(invalidValue('spec.schedule', schedule, problem));
  }
  if (timeZone === '')
    errors.push(invalidValue('spec.timeZone', timeZone, 'timeZone must be nil or non-empty string'));
  else if (timeZone !== undefined && !isTimeZone(timeZone)) {
    errors.push(invalidValue('spec.timeZone', timeZone, `unknown time zone ${timeZone}`));
  }
  return errors;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
