/**
 * Runs the pods of every Job until enough of them have succeeded or too many have failed.
 *
 * Reads Jobs and pods; writes pods, their finalizers and Job status. Follows upstream's job-controller; pod failure policy,
 * success policy and back-off limits per index are said to be unsupported, and such a Job is left alone.
 */

import { jobs as jobsType, pods as podsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { Job, Pod } from '#api/types.gen.ts';
import { defineController, type Plan } from '#client/controller.ts';
import { Expectations } from '#client/expectations.ts';
import { isTracked } from './job-counts.ts';
import { decideJob, releaseFinalizer } from './job-decision.ts';
import { keyOf, splitKey } from './keys.ts';
import { controllerOf, controllerOfType, ownershipIndex, ownershipKeys } from './ownership.ts';

const jobNameLabel = 'batch.kubernetes.io/job-name';
const trackedIndex = 'tracked by job';
const unsupported = ['podFailurePolicy', 'successPolicy', 'backoffLimitPerIndex'] as const;

export const job = defineController({
  name: 'job-controller',
  start({ informers, enqueue, env }) {
    const jobs = informers.for(jobsType);
    const pods = informers.for(podsType);
    const book = new Expectations(env.clock);
    pods.addIndex(ownershipIndex, ownershipKeys);
    // Pods whose job is gone must still be let go: they are found by its name.
    pods.addIndex(trackedIndex, (pod) => (isTracked(pod) ? [jobKeyOf(pod) ?? ''] : []));
    const wake = (one: Stored<Job>) => enqueue(keyOf(one));
    jobs.subscribe({ onAdd: wake, onUpdate: (_old, one) => wake(one), onDelete: wake });
    const onPod = (pod: Stored<Pod>) => {
      const key = jobKeyOf(pod);
      if (key === undefined) return;
      if (pod.metadata.deletionTimestamp) book.deletionSeen(key, pod.metadata.uid);
      enqueue(key);
    };
    pods.subscribe({
      onAdd(pod) {
        const key = jobKeyOf(pod);
        if (key !== undefined && !pod.metadata.deletionTimestamp) book.creationSeen(key);
        onPod(pod);
      },
      onUpdate: (_old, pod) => onPod(pod),
      onDelete(pod) {
        const key = jobKeyOf(pod);
        if (key !== undefined) book.deletionSeen(key, pod.metadata.uid);
        onPod(pod);
      },
    });
    return {
      reconcile(key): Plan {
        const one = jobs.get(...splitKey(key));
        const own = one ? pods.byIndex(ownershipIndex, one.metadata.uid) : [];
        const strangers = pods
          .byIndex(trackedIndex, key)
          .filter((pod) => controllerOf(pod)?.uid !== one?.metadata.uid);
        const letGo = strangers.flatMap(releaseFinalizer);
        if (!one) {
          book.forget(key);
          return { actions: letGo };
        }
        const missing = unsupported.find((field) => one.spec?.[field] !== undefined);
        if (missing) return refuse(one, missing);
        const mayChange = book.satisfied(key);
        const nowMs = env.clock.now();
        const plan = decideJob({ job: one, pods: own, mayChange, nowMs, expectations: { book, key } });
        return { ...plan, actions: [...letGo, ...plan.actions] };
      },
    };
  },
});

function jobKeyOf(pod: Stored<Pod>): string | undefined {
  const { namespace, labels } = pod.metadata;
  const name = controllerOfType(pod, jobsType)?.name ?? (isTracked(pod) ? labels?.[jobNameLabel] : undefined);
  return name === undefined ? undefined : `${namespace}/${name}`;
}

function refuse(one: Stored<Job>, field: string): Plan {
  const message = `spec.${field} is not supported by this cluster`;
  return { actions: [{ do: 'event', regarding: one, eventType: 'Warning', reason: 'Unsupported', message }] };
}
