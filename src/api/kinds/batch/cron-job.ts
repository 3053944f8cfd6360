/** CronJob: jobs on a schedule, concurrent by default, with limited history. */

import { cronJobs } from '../../generated/kinds.gen.ts';
import type { CronJob, CronJobSpec } from '../../generated/types.gen.ts';
import {
  ageOf,
  boolText,
  containerImages,
  containerNames,
  nameOf,
  none,
  orNone,
  unset,
} from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import { formatLabelSelector } from '../../selectors/selector.ts';
import { checkNonNegative, checkOneOf } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { shownSelector } from '../../validation/internal-form.ts';
import { dns1123Label, dns1123Subdomain } from '../../validation/validators.ts';
import { cronScheduleProblem } from '../../values/cron-expression.ts';
import { humanAge } from '../../values/duration.ts';
import { timeZoneProblem } from '../../values/time-zone.ts';
import { templateColumns } from '../apps/workload-columns.ts';
import { dropDisabledFields } from '../pods/defaults/disabled-fields.ts';
import { templateWarnings } from '../pods/validation/warnings/warnings.ts';
import { setJobTemplateDefaults } from './job.ts';
import { validateJobSpec } from './job-validation.ts';

export const cronJob = defineKind(cronJobs, {
  setDefaults(cronJob) {
    cronJob.spec ??= {} as CronJobSpec;
    const spec = cronJob.spec;
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    if (spec.jobTemplate?.spec) setJobTemplateDefaults(spec.jobTemplate.spec);
  },
  dropDisabled: ({ spec }) => dropDisabledFields(spec?.jobTemplate?.spec?.template?.spec),
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => validateSpec(spec!),
  validateUpdate: ({ spec }, old) => validateSpec(spec!, old.spec!),
  warnings: warningsOf,
  nameRule: (name) => [
    ...dns1123Subdomain(name),
    ...(name.length > 52 ? ['must be no more than 52 characters'] : []),
  ],
  printer: {
    columns: [
      nameColumn,
      column('Schedule'),
      column('Timezone'),
      column('Suspend', 'boolean'),
      column('Active', 'integer'),
      column('Last Schedule'),
      ageColumn,
      ...templateColumns,
    ],
    cells: (cronJob, now) => {
      const containers = cronJob.spec?.jobTemplate.spec?.template.spec?.containers;
      const last = cronJob.status?.lastScheduleTime;
      return [
        nameOf(cronJob),
        cronJob.spec?.schedule ?? '',
        orNone(cronJob.spec?.timeZone),
        cronJob.spec?.suspend === undefined ? unset : boolText(cronJob.spec.suspend),
        cronJob.status?.active?.length ?? 0,
        last ? humanAge(last, now) : none,
        ageOf(cronJob, now),
        containerNames(containers),
        containerImages(containers),
        formatLabelSelector(cronJob.spec?.jobTemplate.spec?.selector),
      ];
    },
  },
});

const zonedSchedule = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

function warningsOf(cronJob: CronJob, old?: CronJob): string[] {
  const warnings = old ? [] : nameWarnings(cronJob.metadata?.name ?? '');
  const template = cronJob.spec?.jobTemplate?.spec?.template;
  warnings.push(
    ...templateWarnings(template, 'spec.jobTemplate.spec.template', cronJob.metadata, old?.metadata),
  );
  if (old && cronJob.spec?.schedule?.includes('TZ')) {
    warnings.push(
      `cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${zonedSchedule}`,
    );
  }
  return warnings;
}

function nameWarnings(name: string): string[] {
  const wrong = dns1123Label(name);
  if (wrong.length === 0) return [];
  const why =
    'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: ${why}: [${wrong.join(' ')}]`];
}

function validateSpec(spec: CronJobSpec, old?: CronJobSpec): FieldError[] {
  const errors = validateSchedule(spec, old?.schedule?.includes('TZ') ?? false);
  errors.push(...checkNonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds));
  if (!old || old.timeZone !== spec.timeZone) errors.push(...validateTimeZone(spec.timeZone));
  errors.push(
    ...checkOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
  );
  const path = 'spec.jobTemplate.spec';
  const job = spec.jobTemplate?.spec;
  if (!job) return [...errors, required(`${path}.template`)];
  errors.push(...validateJobSpec(job, path));
  if (job.selector) {
    errors.push(
      invalidValue(`${path}.selector`, shownSelector(job.selector), '`selector` will be auto-generated'),
    );
  }
  if (job.manualSelector) errors.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false']));
  errors.push(...checkNonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit));
  return [...errors, ...checkNonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit)];
}

function validateSchedule({ schedule, timeZone }: CronJobSpec, mayNameZone: boolean): FieldError[] {
  const field = 'spec.schedule';
  if (!schedule) return [required(field)];
  const problem = cronScheduleProblem(schedule);
  const errors = problem ? [invalidValue(field, schedule, problem)] : [];
  if (!schedule.includes('TZ')) return errors;
  if (!mayNameZone) {
    const text = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalidValue(field, schedule, text));
  } else if (timeZone !== undefined) {
    const text = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(invalidValue(field, schedule, text));
  }
  return errors;
}

const notExplicit = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  const field = 'spec.timeZone';
  if (timeZone === undefined) return [];
  const say = (text: string) => invalidValue(field, timeZone, text);
  if (timeZone === '') return [say('timeZone must be nil or non-empty string')];
  if (!timeZone.split('/').every(isZoneNamePart)) return [say(`unknown time zone ${timeZone}`)];
  const problem = timeZoneProblem(timeZone);
  return [
    ...(timeZone.toLowerCase() === 'local' ? [say(notExplicit)] : []),
    ...(problem ? [say(problem)] : []),
  ];
}

function isZoneNamePart(part: string): boolean {
  return part !== '.' && part !== '..' && !part.startsWith('-') && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part);
}
