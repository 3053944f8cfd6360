/** What is done to a CronJob's status and to a job it wants no more. */

import { deepEqual } from '#api/deep-equal.ts';
import { cronJobs, jobs as jobsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { CronJob, CronJobStatus } from '#api/types.gen.ts';
import type { Action, DeleteAction } from '#client/controller.ts';
import type { CronJobView } from './cron-job-view.ts';
import { eventAction } from './event-action.ts';

export function statusChange({ cronJob, written }: CronJobView, status: CronJobStatus): Action | undefined {
  if (deepEqual(cronJob.status ?? {}, status)) return undefined;
  const object: Stored<CronJob> = { ...cronJob, status };
  return { do: 'updateStatus', type: cronJobs, object, onStored: (stored) => written.wrote(stored) };
}

export function remove(cronJob: Stored<CronJob>, job: { name?: string; uid?: string }): Action {
  const name = job.name ?? '';
  const deletion: DeleteAction = {
    do: 'delete',
    type: jobsType,
    namespace: cronJob.metadata.namespace!,
    name,
    ...(job.uid ? { uid: job.uid } : {}),
    options: { propagationPolicy: 'Background', ...(job.uid ? { preconditions: { uid: job.uid } } : {}) },
    afterwards: () => [eventAction(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)],
  };
  return {
    do: 'together',
    actions: [deletion],
    afterFailure: ([failure]) => [
      eventAction(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${failure?.error.message}`),
    ],
  };
}
