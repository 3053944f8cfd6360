/**
 * Deletes finished Jobs once their `ttlSecondsAfterFinished` has passed.
 *
 * Reads and deletes Jobs. Follows upstream's ttl-after-finished-controller: the time counts from the condition that ended
 * the job; dependents go with it, in the foreground.
 */

import { jobs as jobsType } from '#api/generated/kinds.gen.ts';
import type { Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController, type Plan } from '#client/controllers/controller.ts';
import { keyOf, splitKey } from '../../shared/queue-key.ts';

export const ttlAfterFinished = defineController({
  name: 'ttl-after-finished-controller',
  start({ informers, enqueue, env }) {
    const jobs = informers.for(jobsType);
    const wake = (one: Stored<Job>) => {
      if (one.spec?.ttlSecondsAfterFinished !== undefined) enqueue(keyOf(one));
    };
    jobs.subscribe({ onAdd: wake, onUpdate: (_old, one) => wake(one) });
    return {
      reconcile(key): Plan {
        const one = jobs.get(...splitKey(key));
        const leftMs = one && !one.metadata.deletionTimestamp ? lifeLeftMs(one, env.clock.now()) : undefined;
        if (!one || leftMs === undefined) return { actions: [] };
        if (leftMs > 0) return { actions: [], againInMs: leftMs };
        const { namespace, name, uid, resourceVersion } = one.metadata;
        // Changed in between, it may have been given longer: then it is looked at again.
        const options = { propagationPolicy: 'Foreground', preconditions: { uid, resourceVersion } } as const;
        return { actions: [{ do: 'delete', type: jobsType, namespace: namespace!, name, options }] };
      },
    };
  },
});

function lifeLeftMs(one: Job, nowMs: number): number | undefined {
  const ttlSeconds = one.spec?.ttlSecondsAfterFinished;
  const end = one.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  if (ttlSeconds === undefined || !end?.lastTransitionTime) return undefined;
  return Math.max(0, Date.parse(end.lastTransitionTime) + ttlSeconds * 1000 - nowMs);
}
