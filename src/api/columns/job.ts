/** The columns of Job and CronJob. */

import { cronJobs, jobs } from '../generated/kinds.gen.ts';
import type { Job } from '../generated/types.gen.ts';
import { formatLabelSelector } from '../selectors/selector.ts';
import { humanAge, humanDuration } from '../values/duration.ts';
import { ageOf, boolText, containerImages, containerNames, nameOf, none, orNone, unset } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn, wideColumn } from './define.ts';

const templateColumns = [wideColumn('Containers'), wideColumn('Images'), wideColumn('Selector')];

export const jobColumns = definePrinted(
  jobs,
  [nameColumn, column('Status'), column('Completions'), column('Duration'), ageColumn, ...templateColumns],
  (job, nowMs) => [
    nameOf(job),
    jobStatus(job),
    completions(job),
    jobDuration(job, nowMs),
    ageOf(job, nowMs),
    containerNames(job.spec?.template.spec?.containers),
    containerImages(job.spec?.template.spec?.containers),
    formatLabelSelector(job.spec?.selector),
  ],
);

function jobStatus(job: Job): string {
  const isTrue = (type: string) =>
    job.status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
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

function jobDuration(job: Job, nowMs: number): string {
  const { startTime, completionTime } = job.status ?? {};
  if (!startTime) return '';
  const endMs = completionTime ? Date.parse(completionTime) : nowMs;
  return humanDuration(endMs - Date.parse(startTime));
}

export const cronJobColumns = definePrinted(
  cronJobs,
  [
    nameColumn,
    column('Schedule'),
    column('Timezone'),
    column('Suspend', 'boolean'),
    column('Active', 'integer'),
    column('Last Schedule'),
    ageColumn,
    ...templateColumns,
  ],
  (one, nowMs) => {
    const containers = one.spec?.jobTemplate.spec?.template.spec?.containers;
    const last = one.status?.lastScheduleTime;
    return [
      nameOf(one),
      one.spec?.schedule ?? '',
      orNone(one.spec?.timeZone),
      one.spec?.suspend === undefined ? unset : boolText(one.spec.suspend),
      one.status?.active?.length ?? 0,
      last ? humanAge(last, nowMs) : none,
      ageOf(one, nowMs),
      containerNames(containers),
      containerImages(containers),
      formatLabelSelector(one.spec?.jobTemplate.spec?.selector),
    ];
  },
);
