/**
 * Starts the jobs of every CronJob on schedule.
 *
 * Reads CronJobs and Jobs; writes Jobs and CronJob status. Follows upstream's cronjob-controller (v2);
 * schedules without a time zone are in UTC.
 */

import { cronJobs, jobs as jobsType } from '#api/generated/kinds.gen.ts';
import type { CronJob, Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { ReadClient } from '#client/client.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { controllerOfType, indexByOwner, ownedBy } from '../../shared/ownership/ownership.ts';
import { isFinished } from '../job/verdict.ts';
import { decideCronJob } from './decide.ts';
import { recordJob } from './record-job.ts';

export const cronJob = defineController({
  name: 'cronjob-controller',
  start({ client, informers, env }) {
    const owners = informers.for(cronJobs);
    const jobs = informers.for(jobsType);
    indexByOwner(jobs);
    return {
      watches: [
        watch({ type: cronJobs }),
        watch({
          type: jobsType,
          owner(job) {
            const owner = controllerOfType(job, cronJobs);
            return owner && `${job.metadata.namespace}/${owner.name}`;
          },
        }),
      ],
      steps: [recordJob],
      async reconcile(key): Promise<Plan> {
        const cached = owners.get(...splitKey(key));
        if (!cached) return nothingToDo;
        const owned = ownedBy(jobs, cached.metadata.uid);
        const owner = await asKnown(client, cached, owned);
        const gone = await goneOf(client, owner, owned);
        return decideCronJob({ cronJob: owner, jobs: owned, gone, nowMs: env.clock.now() });
      },
    };
  },
});

/**
 * Read from the server when a running job is missing in the cached status: the job may have been observed
 * before the status that records it.
 */
async function asKnown(
  client: ReadClient,
  cached: Stored<CronJob>,
  jobs: readonly Stored<Job>[],
): Promise<Stored<CronJob>> {
  const active = new Set(cached.status?.active?.map(({ uid }) => uid));
  if (jobs.every((job) => isFinished(job) || active.has(job.metadata.uid))) return cached;
  const { namespace, name } = cached.metadata;
  const live = await client.get(cronJobs, { namespace: namespace!, name }).catch(undefinedIfGone);
  return live?.metadata.uid === cached.metadata.uid ? live : cached;
}

/** Active jobs that no longer exist: neither in the cache, which may lag, nor on the server. */
async function goneOf(
  client: ReadClient,
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
