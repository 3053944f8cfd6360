/** How a CronJob starts the job of a time that has come, as its concurrency policy allows. */

import { cronJobs, jobs as jobsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '#api/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action } from '#client/controller.ts';
import { remove, statusChange } from './cron-job-actions.ts';
import type { CronJobView } from './cron-job-view.ts';
import { rfc3339In } from './cron-schedule.ts';
import { controllerReference } from './ownership.ts';
import { tell } from './tell.ts';

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Starts the job of this time and writes it down with it; undefined when the policy says to wait. */
export function start(view: CronJobView, dueMs: number, status: CronJobStatus): Action[] | undefined {
  const { cronJob, jobs } = view;
  const active = status.active ?? [];
  const policy = cronJob.spec?.concurrencyPolicy ?? 'Allow';
  const object = jobFor(cronJob, dueMs);
  const lastScheduleTime = rfc3339(dueMs);
  const withStarted = (job: Stored<Job>, others: readonly ObjectReference[]): Action[] => {
    const next = { ...status, active: [...others, referenceTo(job)], lastScheduleTime };
    const changed = statusChange(cronJob, next);
    return changed ? [changed] : [];
  };
  // Started before, and not written down.
  const there = jobs.find(({ metadata }) => metadata.name === object.metadata?.name);
  if (there)
    return withStarted(
      there,
      active.filter(({ uid }) => uid !== there.metadata.uid),
    );
  if (policy === 'Forbid' && active.length > 0) return undefined;
  const replaced = policy === 'Replace' ? active : [];
  const left = policy === 'Replace' ? [] : active;
  return [
    ...replaced.map((job) => remove(cronJob, job)),
    createJob(cronJob, object, (created) => withStarted(created, left)),
  ];
}

/** Named by its time, so that one time never starts two jobs. */
function jobFor(cronJob: Stored<CronJob>, dueMs: number): Job {
  const { namespace, name } = cronJob.metadata;
  const { jobTemplate, timeZone = 'UTC' } = cronJob.spec!;
  const { metadata = {}, spec } = jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name}-${Math.floor(dueMs / 60_000)}`,
      namespace: namespace!,
      labels: { ...metadata.labels },
      annotations: { ...metadata.annotations, [scheduledAnnotation]: rfc3339In(dueMs, timeZone) },
      ownerReferences: [controllerReference(cronJobs, cronJob)],
    },
    ...(spec ? { spec: structuredClone(spec) } : {}),
  };
}

function createJob(
  cronJob: Stored<CronJob>,
  object: Job,
  written: (created: Stored<Job>) => Action[],
): Action {
  return {
    do: 'together',
    actions: [
      {
        do: 'create',
        type: jobsType,
        object,
        afterwards: (created) => [
          tell(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${created.metadata.name}`),
          ...written(created),
        ],
      },
    ],
    afterFailure: ([failure]) => {
      // There already: the view was older than the job. It will show at the next look.
      if (failure?.error instanceof StatusError && failure.error.reason === 'AlreadyExists') return [];
      return [tell(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${failure?.error.message}`)];
    },
  };
}

function referenceTo({ metadata }: Stored<Job>): ObjectReference {
  const { namespace, name, uid } = metadata;
  return { kind: 'Job', namespace: namespace!, name, uid, apiVersion: 'batch/v1' };
}
