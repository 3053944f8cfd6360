/**
 * Deletes finished Jobs once their `ttlSecondsAfterFinished` has passed.
 *
 * Reads and deletes Jobs. Follows upstream's ttl-after-finished-controller: the time counts from the
 * condition that ended the job; dependents go with it, in the foreground.
 */

import { jobs as jobsType } from '#api/generated/kinds.gen.ts';
import type { Job } from '#api/generated/types.gen.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { endCondition } from './verdict.ts';

export const ttlAfterFinished = defineController({
  name: 'ttl-after-finished-controller',
  start({ informers, env }) {
    const jobs = informers.for(jobsType);
    return {
      watches: [watch({ type: jobsType, filter: ({ spec }) => spec?.ttlSecondsAfterFinished !== undefined })],
      reconcile(key): Plan {
        const job = jobs.get(...splitKey(key));
        const leftMs = job && !job.metadata.deletionTimestamp ? lifeLeftMs(job, env.clock.now()) : undefined;
        if (!job || leftMs === undefined) return nothingToDo;
        if (leftMs > 0) return { actions: [], againInMs: leftMs };
        const { uid, resourceVersion } = job.metadata;
        // If it was changed meanwhile, it may have a longer time to live: then it is looked at again.
        const options = { propagationPolicy: 'Foreground', preconditions: { uid, resourceVersion } } as const;
        return { actions: [{ do: 'delete', ...targetOf(jobsType, job), options }] };
      },
    };
  },
});

function lifeLeftMs(job: Job, nowMs: number): number | undefined {
  const ttlSeconds = job.spec?.ttlSecondsAfterFinished;
  const end = endCondition(job);
  if (ttlSeconds === undefined || !end?.lastTransitionTime) return undefined;
  return Math.max(0, Date.parse(end.lastTransitionTime) + ttlSeconds * 1000 - nowMs);
}
