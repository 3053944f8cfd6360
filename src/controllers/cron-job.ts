/**
 * Starts the jobs of every CronJob when their time comes.
 *
 * Reads CronJobs and Jobs; writes Jobs and CronJob status. Follows upstream's cronjob-controller (v2); schedules without a
 * time zone are in UTC.
 */

import { cronJobs, jobs as jobsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { CronJob, Job } from '#api/types.gen.ts';
import { defineController, type Plan } from '#client/controller.ts';
import { decideCronJob } from './cron-job-decision.ts';
import { keyOf, splitKey } from './keys.ts';
import { controllerOfType, ownershipIndex, ownershipKeys } from './ownership.ts';

export const cronJob = defineController({
  name: 'cronjob-controller',
  start({ informers, enqueue, env }) {
    const cronJobInformer = informers.for(cronJobs);
    const jobs = informers.for(jobsType);
    jobs.addIndex(ownershipIndex, ownershipKeys);
    const wake = (one: Stored<CronJob>) => enqueue(keyOf(one));
    cronJobInformer.subscribe({ onAdd: wake, onUpdate: (_old, one) => wake(one) });
    const onJob = (job: Stored<Job>) => {
      const owner = controllerOfType(job, cronJobs);
      if (owner) enqueue(`${job.metadata.namespace}/${owner.name}`);
    };
    jobs.subscribe({ onAdd: onJob, onUpdate: (_old, job) => onJob(job), onDelete: onJob });
    return {
      reconcile(key): Plan {
        const one = cronJobInformer.get(...splitKey(key));
        if (!one) return { actions: [] };
        return decideCronJob({
          cronJob: one,
          jobs: jobs.byIndex(ownershipIndex, one.metadata.uid),
          nowMs: env.clock.now(),
        });
      },
    };
  },
});
