/**
 * What to do about one CronJob.
 *
 *   1. record which of its jobs have finished, and delete old ones beyond the history limits
 *   2. if a time is due since the last run, and its starting deadline has not passed: start a job, unless one
 *      still runs and the policy forbids it, or after deleting that one when the policy replaces it
 *   3. look again at the next time
 */

import type { CronJob, CronJobStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { CronError } from '#api/values/cron-expression.ts';
import { timeZoneProblem } from '#api/values/time-zone.ts';
import { rfc3339 } from '#base/clock.ts';
import { type Action, type Plan, planOf } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { statusChange } from './actions.ts';
import { lastDue } from './due.ts';
import { cleanUp, noteEnds } from './history.ts';
import { type CronSchedule, parseCron } from './schedule.ts';
import { jobName, start } from './start.ts';
import type { CronJobView } from './view.ts';

/** Late enough that the time has passed by every clock in the process. */
const afterScheduleMs = 100;
/** More missed times than this are recorded as an event. */
const missedEventMin = 100;
const tooManyMissed =
  'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
const documentation = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
const alreadyActive = 'Not starting job because prior execution is running and concurrency policy is Forbid';

export function decideCronJob(view: CronJobView): Plan {
  const { cronJob, jobs, nowMs } = view;
  const ends = noteEnds(view);
  const actions: Action[] = [...ends.actions, ...cleanUp(cronJob, jobs)];
  const finish = (againInMs?: number): Plan => {
    actions.push(...statusChange(cronJob, ends.status));
    return planOf(actions, againInMs);
  };
  if (cronJob.metadata.deletionTimestamp) return finish();
  const schedule = scheduleOf(cronJob, actions);
  if (!schedule) return finish();
  const due = lastDue(cronJob, schedule, nowMs);
  if (!due) {
    actions.push(eventAction(cronJob, 'Warning', 'InvalidSchedule', neverDue(cronJob)));
    return finish();
  }
  const nextMs = schedule.next(nowMs);
  const againInMs = nextMs === undefined ? undefined : nextMs - nowMs + afterScheduleMs;
  if (due.atMs === undefined) return finish(againInMs);
  if (due.missed > missedEventMin) {
    actions.push(eventAction(cronJob, 'Warning', 'TooManyMissedTimes', tooManyMissed));
  }
  if (isDealtWith(cronJob, due.atMs, ends.status)) return finish(againInMs);
  const started = start(cronJob, due.atMs, ends.status);
  if (!started) {
    actions.push(eventAction(cronJob, 'Normal', 'JobAlreadyActive', alreadyActive));
    return finish(againInMs);
  }
  actions.push(...started);
  return planOf(actions, againInMs);
}

function isDealtWith(cronJob: Stored<CronJob>, dueMs: number, { active = [] }: CronJobStatus): boolean {
  const name = jobName(cronJob, dueMs);
  return rfc3339(dueMs) === cronJob.status?.lastScheduleTime || active.some((job) => job.name === name);
}

function neverDue({ spec }: Stored<CronJob>): string {
  return `invalid schedule: ${spec?.schedule} : time difference between two schedules is less than 1 second`;
}

/** The schedule; undefined when it is suspended or, with an event, invalid. */
function scheduleOf(cronJob: Stored<CronJob>, actions: Action[]): CronSchedule | undefined {
  const { schedule = '', timeZone, suspend } = cronJob.spec ?? {};
  const warn = (reason: string, message: string) => {
    actions.push(eventAction(cronJob, 'Warning', reason, message));
    return undefined;
  };
  const quoted = JSON.stringify(schedule);
  const zoneProblem = timeZoneProblem(timeZone ?? '');
  if (zoneProblem) {
    return warn('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: ${zoneProblem}`);
  }
  if (suspend) return undefined;
  if (schedule.includes('TZ')) {
    const used = `CRON_TZ or TZ used in schedule ${quoted} is not officially supported`;
    warn('UnsupportedSchedule', `${used}, see ${documentation} for more details`);
  }
  try {
    return parseCron(schedule, timeZone);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return warn('UnparseableSchedule', `unparseable schedule: ${quoted} : ${error.message}`);
  }
}
