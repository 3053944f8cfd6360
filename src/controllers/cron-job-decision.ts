/**
 * What to do about one CronJob.
 *
 *   1. note which of its jobs have ended, and remove old ones beyond the history limits
 *   2. if a time has fallen due since the last run, and it is not too late for it: start a job, unless one still runs and
 *      the policy forbids it, or after deleting that one when the policy replaces it
 *   3. look again at the next time
 */

import { CronError } from '#api/cron-expression.ts';
import type { Stored } from '#api/object.ts';
import type { CronJob } from '#api/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action, Plan } from '#client/controller.ts';
import { statusChange } from './cron-job-actions.ts';
import { cleanUp, noteEnds } from './cron-job-history.ts';
import { start } from './cron-job-start.ts';
import type { CronJobView } from './cron-job-view.ts';
import { type CronSchedule, parseCron } from './cron-schedule.ts';
import { tell } from './tell.ts';

/** Late enough that the time has surely come by every clock in the process. */
const afterScheduleMs = 100;
/** So many missed times are looked at; beyond, only the newest ones matter. */
const missedMax = 1000;
/** More than so many missed times are worth telling. */
const missedTellMin = 100;
const tooManyMissed =
  'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
const alreadyActive = 'Not starting job because prior execution is running and concurrency policy is Forbid';

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
