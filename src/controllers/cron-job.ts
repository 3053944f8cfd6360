/**
 * Starts the jobs of every CronJob when their time comes.
 *
 * Reads CronJobs and Jobs; writes Jobs and CronJob status. Follows upstream's cronjob-controller (v2); schedules without a
 * time zone are in UTC.
 */

import { cronJobs, jobs as jobsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import type { CronJob, Job } from '#api/types.gen.ts';
import type { Client } from '#client/client.ts';
import { defineController, type Plan } from '#client/controller.ts';
import { decideCronJob } from './cron-job-decision.ts';
import { keyOf, splitKey } from './keys.ts';
import { controllerOfType, indexByOwner, ownedBy } from './ownership.ts';

export const cronJob = defineController({
  name: 'cronjob-controller',
  start({ client, informers, enqueue, env }) {
    const cronJobInformer = informers.for(cronJobs);
    const jobs = informers.for(jobsType);
    indexByOwner(jobs);
    const wake = (one: Stored<CronJob>) => enqueue(keyOf(one));
    cronJobInformer.subscribe({ onAdd: wake, onUpdate: (_old, one) => wake(one) });
    const onJob = (job: Stored<Job>) => {
      const owner = controllerOfType(job, cronJobs);
      if (owner) enqueue(`${job.metadata.namespace}/${owner.name}`);
    };
    jobs.subscribe({ onAdd: onJob, onUpdate: (_old, job) => onJob(job), onDelete: onJob });
    return {
      async reconcile(key): Promise<Plan> {
        const seen = cronJobInformer.get(...splitKey(key));
        if (!seen) return { actions: [] };
        const gone = await goneOf(client, seen, ownedBy(jobs, seen.metadata.uid));
        return decideCronJob({
          cronJob: seen,
          jobs: ownedBy(jobs, seen.metadata.uid),
          gone,
          nowMs: env.clock.now(),
        });
      },
    };
  },
});

/** Active jobs that no longer exist: not in the cache, which may be behind, and not at the server. */
async function goneOf(
  client: Client,
  cronJob: Stored<CronJob>,
  jobs: readonly Stored<Job>[],
): Promise<Set<string>> {
  const known = new Set(jobs.map(({ metadata }) => metadata.uid));
  const gone = new Set<string>();
  for (const { name = '', uid = '' } of cronJob.status?.active ?? []) {
    if (known.has(uid)) continue;
    const there = await client
      .get(jobsType, { namespace: cronJob.metadata.namespace!, name })
      .catch(undefinedIfGone);
    if (there?.metadata.uid !== uid) gone.add(uid);
  }
  return gone;
}

function undefinedIfGone(error: unknown): undefined {
  if (!(error instanceof StatusError && error.code === 404)) throw error;
}
