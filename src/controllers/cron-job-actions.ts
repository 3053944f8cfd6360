/** What is done to a CronJob's status and to a job it wants no more. */

import { deepEqual } from '#api/deep-equal.ts';
import { cronJobs, jobs as jobsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { CronJob, CronJobStatus } from '#api/types.gen.ts';
import type { Action } from '#client/controller.ts';
import { tell } from './tell.ts';

export function statusChange(cronJob: Stored<CronJob>, status: CronJobStatus): Action | undefined {
  if (deepEqual(cronJob.status ?? {}, status)) return undefined;
  const object: Stored<CronJob> = { ...cronJob, status };
  return { do: 'updateStatus', type: cronJobs, object };
}

export function remove(cronJob: Stored<CronJob>, job: { name?: string; uid?: string }): Action {
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
