/** Actions on a CronJob's status and on jobs that it no longer wants. */

import { cronJobs, jobs as jobsType } from '#api/generated/kinds.gen.ts';
import type { CronJob, CronJobStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { Action } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';

export function statusChange(cronJob: Stored<CronJob>, status: CronJobStatus): Action[] {
  if (deepEqual(cronJob.status ?? {}, status)) return [];
  const object: Stored<CronJob> = { ...cronJob, status };
  return [{ do: 'updateStatus', type: cronJobs, object }];
}

export function remove(cronJob: Stored<CronJob>, job: { name?: string; uid?: string }): Action {
  const { name = '', uid } = job;
  return {
    do: 'delete',
    type: jobsType,
    namespace: cronJob.metadata.namespace!,
    name,
    ...(uid ? { uid } : {}),
    options: { propagationPolicy: 'Background', ...(uid ? { preconditions: { uid } } : {}) },
    ifDone: [eventAction(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)],
    ifFailed: [eventAction(cronJob, 'Warning', 'FailedDelete', 'Deleted job: ', 'error')],
  };
}
