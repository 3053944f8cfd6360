/** Starts the job of a due time, as the concurrency policy permits. */

import { cronJobs, jobs as jobsType } from '#api/generated/kinds.gen.ts';
import type { CronJob, CronJobStatus, Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { copyJson } from '#base/copy-json.ts';
import type { Action } from '#client/controllers/plan.ts';
import { special } from '#client/controllers/special.ts';
import { eventAction } from '../../shared/event-action.ts';
import { controllerReference } from '../../shared/ownership/ownership.ts';
import { remove } from './actions.ts';
import { recordJob } from './record-job.ts';
import { rfc3339In } from './zone-clock.ts';

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Starts the job and records it in the status; undefined while the policy forbids it. */
export function start(cronJob: Stored<CronJob>, dueMs: number, status: CronJobStatus): Action[] | undefined {
  const { active = [] } = status;
  const policy = cronJob.spec?.concurrencyPolicy ?? 'Allow';
  if (policy === 'Forbid' && active.length > 0) return undefined;
  const [replaced, left] = policy === 'Replace' ? [active, []] : [[], active];
  const statusThen = { ...status, active: left, lastScheduleTime: rfc3339(dueMs) };
  return [...replaced.map((job) => remove(cronJob, job)), createJob(cronJob, dueMs, statusThen)];
}

/** Named by its time, so that one time never starts two jobs. */
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
    ...(spec ? { spec: copyJson(spec) } : {}),
  };
}

/** If the name is taken, the job was started before, without the status being written. */
function createJob(cronJob: Stored<CronJob>, dueMs: number, status: CronJobStatus): Action {
  const name = jobName(cronJob, dueMs);
  const record = special(recordJob, `Job ${cronJob.metadata.namespace}/${name}`, { cronJob, status, name });
  return {
    do: 'create',
    type: jobsType,
    object: jobFor(cronJob, dueMs),
    ifDone: [eventAction(cronJob, 'Normal', 'SuccessfulCreate', 'Created job ', 'name'), record],
    ifTaken: [record],
    ifFailed: [eventAction(cronJob, 'Warning', 'FailedCreate', 'Error creating job: ', 'error')],
  };
}
