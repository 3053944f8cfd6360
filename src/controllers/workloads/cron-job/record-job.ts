/**
 * Records a started job in the status of its CronJob.
 *
 * A special step: the status contains the job's uid, which is only in the response to its creation, or on the
 * server, when the job was started before. A job of that name with another owner is left alone.
 */

import { cronJobs, jobs } from '#api/generated/kinds.gen.ts';
import type { CronJob, CronJobStatus } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { nothingToDo } from '#client/controllers/plan.ts';
import type { SpecialStep } from '#client/controllers/special.ts';

export interface JobRecord {
  readonly cronJob: Stored<CronJob>;
  /** The new status, without the job. */
  readonly status: CronJobStatus;
  readonly name: string;
}

export const recordJob: SpecialStep<JobRecord> = {
  name: 'recordJob',
  async carryOut({ cronJob, status, name }, client, { created }) {
    const { namespace, uid } = cronJob.metadata;
    const job: Stored<KubeObject> = created ?? (await client.get(jobs, { namespace: namespace!, name }));
    if (controllerOf(job)?.uid !== uid) return nothingToDo;
    const reference = {
      kind: 'Job',
      namespace: namespace!,
      name,
      uid: job.metadata.uid,
      apiVersion: 'batch/v1',
    };
    const active = [...(status.active ?? []), reference];
    const object: Stored<CronJob> = { ...cronJob, status: { ...status, active } };
    return { actions: [{ do: 'updateStatus', type: cronJobs, object }] };
  },
};
