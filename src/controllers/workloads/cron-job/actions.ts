/** What is done to a CronJob's status and to a job it wants no more. */

import { cronJobs, jobs as jobsType } from '#api/generated/kinds.gen.ts';
import type { CronJob, CronJobStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { Action, DeleteAction } from '#client/controllers/controller.ts';
import { eventAction } from '../../shared/event-action.ts';
import type { CronJobView } from './view.ts';

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
