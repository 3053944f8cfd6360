/** CronJob: jobs by the clock, side by side if need be, the last few kept. */

import type { Strategy } from '../strategy.ts';
import type { CronJob, CronJobSpec } from '../types.gen.ts';
import { setJobTemplateDefaults } from './job.ts';
import { keepStatus } from './status-handling.ts';

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
  prepareForCreate(cronJob) {
    cronJob.status = {};
  },
  prepareForUpdate: keepStatus,
};
