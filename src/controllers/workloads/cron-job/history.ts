/** How a CronJob handles its finished jobs: recorded in its status, and the oldest deleted. */

import type { CronJob, CronJobStatus, Job } from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Action } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { isFinished } from '../job/verdict.ts';
import { remove } from './actions.ts';
import type { CronJobView } from './view.ts';

/** Active jobs are those that it started itself; others that it owns get an event and are left alone. */
export function noteEnds({ cronJob, jobs, gone }: CronJobView): { status: CronJobStatus; actions: Action[] } {
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
      actions.push(eventAction(cronJob, 'Warning', 'UnexpectedJob', message));
      continue;
    }
    if (started.has(uid)) {
      ended.add(uid);
      const message = `Saw completed job: ${name}, condition: ${endOf(job)}`;
      actions.push(eventAction(cronJob, 'Normal', 'SawCompletedJob', message));
    }
    const { completionTime } = job.status ?? {};
    if (completionTime && (!lastSuccessfulTime || completionTime > lastSuccessfulTime)) {
      lastSuccessfulTime = completionTime;
    }
  }
  for (const { name } of before.filter(({ uid }) => gone.has(uid ?? ''))) {
    actions.push(eventAction(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`));
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

function endOf(job: Job): 'Complete' | 'Failed' {
  const isFailed = isConditionTrue(job.status, 'Failed');
  return isFailed ? 'Failed' : 'Complete';
}

export function cleanUp(cronJob: Stored<CronJob>, jobs: readonly Stored<Job>[]): Action[] {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec ?? {};
  const ended = jobs.filter((job) => isFinished(job) && !job.metadata.deletionTimestamp);
  ended.sort((a, b) => compareText(startOf(b), startOf(a)) || compareText(b.metadata.name, a.metadata.name));
  const succeeded = ended.filter((job) => endOf(job) === 'Complete');
  const failed = ended.filter((job) => endOf(job) === 'Failed');
  const old = [...succeeded.slice(successfulJobsHistoryLimit), ...failed.slice(failedJobsHistoryLimit)];
  return old.map((job) => remove(cronJob, job.metadata));
}

/** A job that never started counts as the newest. */
function startOf(job: Job): string {
  return job.status?.startTime ?? '~';
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
