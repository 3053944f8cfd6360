/** How a CronJob starts the job of a time that has come, as its concurrency policy allows. */

import { cronJobs, jobs as jobsType } from '#api/generated/kinds.gen.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action } from '#client/controllers/controller.ts';
import { eventAction } from '../../shared/event-action.ts';
import { controllerOf, controllerReference } from '../../shared/ownership.ts';
import { remove, statusChange } from './actions.ts';
import type { CronJobView } from './view.ts';
import { rfc3339In } from './zone-clock.ts';

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Starts the job of this time and records it in the status; undefined while the policy forbids it. */
export function start(view: CronJobView, dueMs: number, status: CronJobStatus): Action[] | undefined {
  const { cronJob } = view;
  const { active = [] } = status;
  const policy = cronJob.spec?.concurrencyPolicy ?? 'Allow';
  if (policy === 'Forbid' && active.length > 0) return undefined;
  const [replaced, left] = policy === 'Replace' ? [active, []] : [[], active];
  const lastScheduleTime = rfc3339(dueMs);
  const written = (job: Stored<Job>): Action[] => {
    const changed = statusChange(view, { ...status, active: [...left, referenceTo(job)], lastScheduleTime });
    return changed ? [changed] : [];
  };
  return [
    ...replaced.map((job) => remove(cronJob, job)),
    createJob(cronJob, jobFor(cronJob, dueMs), written),
  ];
}

/** By its time, so that one time never starts two jobs. */
export function jobName({ metadata }: Stored<CronJob>, dueMs: number): string {
  return `${metadata.name}-${Math.floor(dueMs / 60_000)}`;
}

function jobFor(cronJob: Stored<CronJob>, dueMs: number): Job {
  const { namespace } = cronJob.metadata;
  const { jobTemplate, timeZone = 'UTC' } = cronJob.spec!;
  const { metadata = {}, spec } = jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, dueMs),
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
          eventAction(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${created.metadata.name}`),
          ...written(created),
        ],
      },
    ],
    afterFailure: ([failure]) => {
      if (failure?.error instanceof StatusError && failure.error.reason === 'AlreadyExists')
        return [recordExisting(cronJob, object, written)];
      return [
        eventAction(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${failure?.error.message}`),
      ];
    },
  };
}

/** Started before, without its status having been written; a job of another owner is left alone. */
function recordExisting(
  cronJob: Stored<CronJob>,
  { metadata }: Job,
  written: (there: Stored<Job>) => Action[],
): Action {
  const name = metadata!.name!;
  return {
    do: 'lookUp',
    name: `record job ${name} as active`,
    async lookUp(client) {
      const there = await client.get(jobsType, { namespace: cronJob.metadata.namespace!, name });
      if (controllerOf(there)?.uid !== cronJob.metadata.uid) return [];
      return written(there);
    },
  };
}

function referenceTo({ metadata }: Stored<Job>): ObjectReference {
  const { namespace, name, uid } = metadata;
  return { kind: 'Job', namespace: namespace!, name, uid, apiVersion: 'batch/v1' };
}
