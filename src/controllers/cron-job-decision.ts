/**
 * What to do about one CronJob.
 *
 *   1. note which of its jobs have ended, and remove old ones beyond the history limits
 *   2. if a time has fallen due since the last run, and it is not too late for it: start a job, unless one still runs and
 *      the policy forbids it, or after deleting that one when the policy replaces it
 *   3. look again at the next time
 */

import { CronError } from '#api/cron-expression.ts';
import { deepEqual } from '#api/deep-equal.ts';
import { cronJobs, jobs as jobsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '#api/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action, Plan } from '#client/controller.ts';
import { type CronSchedule, parseCron, rfc3339In } from './cron-schedule.ts';
import { isFinished } from './job-verdict.ts';
import { controllerReference } from './ownership.ts';

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** Late enough that the time has surely come by every clock in the process. */
const afterScheduleMs = 100;
/** So many missed times are looked at; beyond, only the newest ones matter. */
const missedMax = 1000;
/** More than so many missed times are worth telling. */
const missedTellMin = 100;
const tooManyMissed =
  'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
const alreadyActive = 'Not starting job because prior execution is running and concurrency policy is Forbid';

export interface CronJobView {
  readonly cronJob: Stored<CronJob>;
  /** Those it owns. */
  readonly jobs: readonly Stored<Job>[];
  /** Uids of active jobs that are not among `jobs`, and not at the server either. */
  readonly gone: ReadonlySet<string>;
  readonly nowMs: number;
}

export function decideCronJob(view: CronJobView): Plan {
  const { cronJob, jobs } = view;
  const ends = noteEnds(view);
  const actions: Action[] = [...ends.actions, ...cleanUp(cronJob, jobs)];
  const finish = (againInMs?: number): Plan => {
    const changed = statusChange(cronJob, ends.status);
    const all = changed ? [...actions, changed] : actions;
    return againInMs === undefined ? { actions: all } : { actions: all, againInMs };
  };
  if (cronJob.metadata.deletionTimestamp) return finish();
  const schedule = scheduleOf(cronJob);
  if (Array.isArray(schedule)) actions.push(...schedule);
  if (Array.isArray(schedule) || cronJob.spec?.suspend) return finish();
  const nextMs = schedule.next(view.nowMs);
  const againInMs = nextMs === undefined ? undefined : nextMs - view.nowMs + afterScheduleMs;
  const due = lastDue(view, schedule);
  if (due.missed > missedTellMin) actions.push(tell(cronJob, 'Warning', 'TooManyMissedTimes', tooManyMissed));
  const isDealtWith = due.atMs !== undefined && rfc3339(due.atMs) === cronJob.status?.lastScheduleTime;
  if (due.atMs === undefined || isDealtWith) return finish(againInMs);
  const started = start(view, due.atMs, ends.status);
  if (!started) {
    actions.push(tell(cronJob, 'Normal', 'JobAlreadyActive', alreadyActive));
    return finish(againInMs);
  }
  actions.push(...started);
  return againInMs === undefined ? { actions } : { actions, againInMs };
}

/** The schedule, or what is told of one that makes no sense. */
function scheduleOf(cronJob: Stored<CronJob>): CronSchedule | Action[] {
  const { schedule = '', timeZone = 'UTC' } = cronJob.spec ?? {};
  try {
    return parseCron(schedule, timeZone);
  } catch (error) {
    const why = (error as Error).message;
    if (error instanceof CronError) {
      const message = `unparseable schedule: ${JSON.stringify(schedule)} : ${why}`;
      return [tell(cronJob, 'Warning', 'UnparseableSchedule', message)];
    }
    return [
      tell(cronJob, 'Warning', 'UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: ${why}`),
    ];
  }
}

/** The newest time that has fallen due since the last run and is not too old by the starting deadline. */
function lastDue(
  { cronJob, nowMs }: CronJobView,
  schedule: CronSchedule,
): { atMs: number | undefined; missed: number } {
  const since = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  const deadline = cronJob.spec?.startingDeadlineSeconds;
  let fromMs = deadline === undefined ? since : Math.max(since, nowMs - deadline * 1000 - 1);
  let atMs: number | undefined;
  for (let missed = 0; ; missed++) {
    const nextMs = schedule.next(fromMs);
    if (nextMs === undefined || nextMs > nowMs) return { atMs, missed };
    atMs = nextMs;
    // After a long pause: skip ahead, a day is enough to find the newest for all but the rarest schedules.
    fromMs = missed === missedMax ? Math.max(nextMs, nowMs - 24 * 3_600_000) : nextMs;
  }
}

/** Active are the jobs it started itself; others it happens to own are told of and left alone. */
function noteEnds({ cronJob, jobs, gone }: CronJobView): { status: CronJobStatus; actions: Action[] } {
  const actions: Action[] = [];
  const ended = new Set<string | undefined>(gone);
  let { lastSuccessfulTime } = cronJob.status ?? {};
  const before = cronJob.status?.active ?? [];
  const started = new Set(before.map(({ uid }) => uid));
  for (const job of jobs) {
    const { name, uid } = job.metadata;
    if (!isFinished(job)) {
      if (started.has(uid)) continue;
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      actions.push(tell(cronJob, 'Warning', 'UnexpectedJob', message));
      continue;
    }
    if (started.has(uid)) {
      ended.add(uid);
      const message = `Saw completed job: ${name}, condition: ${endOf(job)}`;
      actions.push(tell(cronJob, 'Normal', 'SawCompletedJob', message));
    }
    const { completionTime } = job.status ?? {};
    if (completionTime && (!lastSuccessfulTime || completionTime > lastSuccessfulTime)) {
      lastSuccessfulTime = completionTime;
    }
  }
  for (const { name } of before.filter(({ uid }) => gone.has(uid ?? ''))) {
    actions.push(tell(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`));
  }
  const active = before.filter(({ uid }) => !ended.has(uid));
  const { active: _active, ...others } = cronJob.status ?? {};
  return {
    actions,
    status: {
      ...others,
      ...(active.length > 0 ? { active } : {}),
      ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
    },
  };
}

function statusChange(cronJob: Stored<CronJob>, status: CronJobStatus): Action | undefined {
  if (deepEqual(cronJob.status ?? {}, status)) return undefined;
  const object: Stored<CronJob> = { ...cronJob, status };
  return { do: 'updateStatus', type: cronJobs, object };
}

function endOf(job: Job): 'Complete' | 'Failed' {
  const isFailed = job.status?.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True');
  return isFailed ? 'Failed' : 'Complete';
}

function cleanUp(cronJob: Stored<CronJob>, jobs: readonly Stored<Job>[]): Action[] {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec ?? {};
  const ended = jobs.filter((job) => isFinished(job) && !job.metadata.deletionTimestamp);
  ended.sort((a, b) => compareText(startOf(b), startOf(a)) || compareText(b.metadata.name, a.metadata.name));
  const succeeded = ended.filter((job) => endOf(job) === 'Complete');
  const failed = ended.filter((job) => endOf(job) === 'Failed');
  const old = [...succeeded.slice(successfulJobsHistoryLimit), ...failed.slice(failedJobsHistoryLimit)];
  return old.map((job) => remove(cronJob, job.metadata));
}

/** One that never started counts as the newest. */
function startOf(job: Job): string {
  return job.status?.startTime ?? '~';
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
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

/** Starts the job of this time and writes it down with it; undefined when the policy says to wait. */
function start(view: CronJobView, dueMs: number, status: CronJobStatus): Action[] | undefined {
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

function tell(
  cronJob: Stored<CronJob>,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action {
  return { do: 'event', regarding: cronJob, eventType, reason, message };
}
