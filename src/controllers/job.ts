/**
 * Runs the pods of every Job until enough of them have succeeded or too many have failed.
 *
 * Reads Jobs and pods; writes pods, their finalizers and Job status. Follows upstream's job-controller; a Job that names
 * another controller in `managedBy` is left alone.
 */

import { jobs as jobsType, pods as podsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { Job, Pod } from '#api/types.gen.ts';
import { defineController, type Plan } from '#client/controller.ts';
import { Expectations } from '#client/expectations.ts';
import { isTracked, trackingFinalizer } from './job-counts.ts';
import { decideJob, releaseFinalizer } from './job-decision.ts';
import { isFinished } from './job-verdict.ts';
import { keyOf, splitKey } from './keys.ts';
import { matchesSelector } from './label-selector.ts';
import {
  claim,
  controllerOf,
  controllerOfType,
  orphanKey,
  ownershipIndex,
  ownershipKeys,
} from './ownership.ts';

const jobNameLabel = 'batch.kubernetes.io/job-name';
const trackedIndex = 'tracked by job';
const ownName = 'kubernetes.io/job-controller';

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
    const matches = (one: Job, pod: Stored<Pod>) =>
      one.spec?.selector !== undefined && matchesSelector(one.spec.selector, pod.metadata.labels);
    const onPod = (pod: Stored<Pod>) => {
      if (!controllerOf(pod))
        for (const one of jobs.list(pod.metadata.namespace)) if (matches(one, pod)) wake(one);
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
      onUpdate(old, pod) {
        const before = jobKeyOf(old);
        if (before !== undefined && before !== jobKeyOf(pod)) enqueue(before);
        onPod(pod);
      },
      onDelete(pod) {
        const key = jobKeyOf(pod);
        if (key !== undefined) book.deletionSeen(key, pod.metadata.uid);
        onPod(pod);
      },
    });
    const podsOf = (one: Stored<Job>) => {
      const { uid, namespace } = one.metadata;
      const owned = pods.byIndex(ownershipIndex, uid);
      if (isFinished(one)) return { owned, actions: [] };
      const candidates = [...owned, ...pods.byIndex(ownershipIndex, orphanKey(namespace))];
      return claim(jobsType, one, podsType, candidates, (pod) => matches(one, pod), trackingFinalizer);
    };
    return {
      reconcile(key): Plan {
        const one = jobs.get(...splitKey(key));
        const claimed = one && !isManagedElsewhere(one) ? podsOf(one) : undefined;
        const own = new Set(claimed?.owned);
        const strangers = pods
          .byIndex(trackedIndex, key)
          .filter((pod) => !own.has(pod) && controllerOf(pod)?.uid !== one?.metadata.uid);
        const letGo = strangers.flatMap(releaseFinalizer);
        if (!one) {
          book.forget(key);
          return { actions: letGo };
        }
        if (!claimed) return { actions: [] };
        const mayChange = book.satisfied(key);
        const nowMs = env.clock.now();
        const view = { job: one, pods: claimed.owned, mayChange, nowMs, expectations: { book, key } };
        const plan = decideJob(view);
        return { ...plan, actions: [...letGo, ...claimed.actions, ...plan.actions] };
      },
    };
  },
});

function jobKeyOf(pod: Stored<Pod>): string | undefined {
  const { namespace, labels } = pod.metadata;
  const name = controllerOfType(pod, jobsType)?.name ?? (isTracked(pod) ? labels?.[jobNameLabel] : undefined);
  return name === undefined ? undefined : `${namespace}/${name}`;
}

function isManagedElsewhere({ spec }: Job): boolean {
  return spec?.managedBy !== undefined && spec.managedBy !== ownName;
}
