/**
 * What to do about one CronJob.
 *
 *   1. note which of its jobs have ended, and remove old ones beyond the history limits
 *   2. if a time has fallen due since the last run, and it is not too late for it: start a job, unless one still runs and
 *      the policy forbids it, or after deleting that one when the policy replaces it
 *   3. look again at the next time
 */

import { deepEqual } from '#api/deep-equal.ts';
import { cronJobs, jobs as jobsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '#api/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action, Plan } from '#client/controller.ts';
import { type CronSchedule, parseCron } from './cron-schedule.ts';
import { isFinished } from './job-verdict.ts';
import { controllerReference } from './ownership.ts';

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** Late enough that the time has surely come by every clock in the process. */
const afterScheduleMs = 100;
/** So many missed times are looked at; beyond, only the newest ones matter. */
const missedMax = 1000;

export interface CronJobView {
  readonly cronJob: Stored<CronJob>;
  /** Those it owns. */
  readonly jobs: readonly Stored<Job>[];
  readonly nowMs: number;
}

export function decideCronJob(view: CronJobView): Plan {
  const { cronJob, jobs } = view;
  const status = noteEnds(view);
  const actions: Action[] = [...status.actions, ...cleanUp(cronJob, jobs)];
  const finish = (next: CronJobStatus, againInMs?: number): Plan => {
    const object: Stored<CronJob> = { ...cronJob, status: next };
    if (!deepEqual(cronJob.status ?? {}, next)) actions.push({ do: 'updateStatus', type: cronJobs, object });
    return againInMs === undefined ? { actions } : { actions, againInMs };
  };
  if (cronJob.metadata.deletionTimestamp || cronJob.spec?.suspend) return finish(status.status);
  let schedule: CronSchedule;
  try {
    schedule = parseCron(cronJob.spec?.schedule ?? '', cronJob.spec?.timeZone ?? 'UTC');
  } catch (error) {
    const message = `unparseable schedule: ${cronJob.spec?.schedule} : ${(error as Error).message}`;
    actions.push(tell(cronJob, 'Warning', 'UnparseableSchedule', message));
    return finish(status.status);
  }
  const nextMs = schedule.next(view.nowMs);
  const againInMs = nextMs === undefined ? undefined : nextMs - view.nowMs + afterScheduleMs;
  const dueMs = lastDue(view, schedule);
  if (dueMs === undefined) return finish(status.status, againInMs);
  const started = start(view, dueMs, status.status.active ?? []);
  actions.push(...started.actions);
  return finish({ ...status.status, ...started.status }, againInMs);
}

/** The newest time that has fallen due since the last run and is not too old by the starting deadline. */
function lastDue({ cronJob, nowMs }: CronJobView, schedule: CronSchedule): number | undefined {
  const since = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  const deadline = cronJob.spec?.startingDeadlineSeconds;
  let fromMs = deadline === undefined ? since : Math.max(since, nowMs - deadline * 1000 - 1);
  let dueMs: number | undefined;
  for (let missed = 0; ; missed++) {
    const nextMs = schedule.next(fromMs);
    if (nextMs === undefined || nextMs > nowMs) return dueMs;
    dueMs = nextMs;
    // After a long pause: skip ahead, a day is enough to find the newest for all but the rarest schedules.
    fromMs = missed === missedMax ? Math.max(nextMs, nowMs - 24 * 3_600_000) : nextMs;
  }
}

function noteEnds({ cronJob, jobs }: CronJobView): { status: CronJobStatus; actions: Action[] } {
  const actions: Action[] = [];
  const running: ObjectReference[] = [];
  let lastSuccessfulTime = cronJob.status?.lastSuccessfulTime;
  const before = new Set((cronJob.status?.active ?? []).map(({ uid }) => uid));
  for (const job of jobs) {
    const { name, uid } = job.metadata;
    if (!isFinished(job)) {
      running.push(referenceTo(job));
      continue;
    }
    if (before.has(uid)) {
      const end = endOf(job);
      actions.push(
        tell(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`),
      );
    }
    const { completionTime } = job.status ?? {};
    if (completionTime && (!lastSuccessfulTime || completionTime > lastSuccessfulTime)) {
      lastSuccessfulTime = completionTime;
    }
  }
  const { lastScheduleTime } = cronJob.status ?? {};
  return {
    actions,
    status: {
      ...(running.length > 0 ? { active: running } : {}),
      ...(lastScheduleTime ? { lastScheduleTime } : {}),
      ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
    },
  };
}

function endOf(job: Job): 'Complete' | 'Failed' {
  const isFailed = job.status?.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True');
  return isFailed ? 'Failed' : 'Complete';
}

function cleanUp(cronJob: Stored<CronJob>, jobs: readonly Stored<Job>[]): Action[] {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec ?? {};
  const ended = jobs.filter((job) => isFinished(job) && !job.metadata.deletionTimestamp);
  ended.sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? 1 : -1));
  const succeeded = ended.filter((job) => endOf(job) === 'Complete');
  const failed = ended.filter((job) => endOf(job) === 'Failed');
  const old = [...succeeded.slice(successfulJobsHistoryLimit), ...failed.slice(failedJobsHistoryLimit)];
  return old.map((job) => remove(cronJob, job.metadata));
}

function remove(cronJob: Stored<CronJob>, job: { name?: string; uid?: string }): Action {
  const name = job.name ?? '';
  return {
    do: 'delete',
    type: jobsType,
    namespace: cronJob.metadata.namespace!,
    name,
    ...(job.uid ? { uid: job.uid } : {}),
    options: { propagationPolicy: 'Background', ...(job.uid ? { preconditions: { uid: job.uid } } : {}) },
    afterwards: () => [tell(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)],
  };
}

function start(
  view: CronJobView,
  dueMs: number,
  active: readonly ObjectReference[],
): { actions: Action[]; status: CronJobStatus } {
  const { cronJob, jobs } = view;
  const policy = cronJob.spec?.concurrencyPolicy ?? 'Allow';
  if (policy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    return { actions: [tell(cronJob, 'Normal', 'JobAlreadyActive', message)], status: {} };
  }
  const object = jobFor(cronJob, dueMs);
  const isThere = jobs.some(({ metadata }) => metadata.name === object.metadata?.name);
  const actions: Action[] = [];
  if (policy === 'Replace' && !isThere) actions.push(...active.map((job) => remove(cronJob, job)));
  if (!isThere) actions.push(createJob(cronJob, object));
  return { actions, status: { lastScheduleTime: rfc3339(dueMs) } };
}

/** Named by its time, so that one time never starts two jobs. */
function jobFor(cronJob: Stored<CronJob>, dueMs: number): Job {
  const { namespace, name } = cronJob.metadata;
  const { metadata = {}, spec } = cronJob.spec!.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name}-${Math.floor(dueMs / 60_000)}`,
      namespace: namespace!,
      labels: { ...metadata.labels },
      annotations: { ...metadata.annotations, [scheduledAnnotation]: rfc3339(dueMs) },
      ownerReferences: [controllerReference(cronJobs, cronJob)],
    },
    ...(spec ? { spec: structuredClone(spec) } : {}),
  };
}

function createJob(cronJob: Stored<CronJob>, object: Job): Action {
  return {
    do: 'together',
    actions: [
      {
        do: 'create',
        type: jobsType,
        object,
        afterwards: ({ metadata }) => [
          tell(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${metadata.name}`),
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

function tell(
  cronJob: Stored<CronJob>,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action {
  return { do: 'event', regarding: cronJob, eventType, reason, message };
}
