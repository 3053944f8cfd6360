/**
 * Runs the pods of every Job until enough of them have succeeded or too many have failed.
 *
 * Reads Jobs and pods; writes pods, their finalizers and Job status. Follows upstream's job-controller; a Job
 * with another controller in `managedBy` is left alone.
 */

import { jobs as jobsType, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Job, Pod } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Lister } from '#client/informers/informer.ts';
import { matchesSelector } from '../../shared/label-selector.ts';
import { type Claim, claim } from '../../shared/ownership/claiming.ts';
import { claimable, controllerOfType, indexByOwner, ownedBy } from '../../shared/ownership/ownership.ts';
import { isTracked, trackingFinalizer } from './counts.ts';
import { decideJob, releaseFinalizers } from './decide.ts';
import { JobFailures } from './recent-failures.ts';
import { isFinished } from './verdict.ts';

const jobNameLabel = 'batch.kubernetes.io/job-name';
const trackedIndex = 'tracked by job';
const ownName = 'kubernetes.io/job-controller';

export const job = defineController({
  name: 'job-controller',
  start({ informers, env, allowance }) {
    const jobs = informers.for(jobsType);
    const pods = informers.for(podsType);
    const failures = new JobFailures();
    indexByOwner(pods);
    // Pods of a deleted Job still need their finalizer removed: they are found by the Job's name.
    pods.addIndex(trackedIndex, (pod) => (isTracked(pod) ? [jobKeyOf(pod) ?? ''] : []));
    return {
      watches: [
        watch({
          type: jobsType,
          note(change, owner) {
            if (change === 'deleted') failures.forget(owner.metadata.uid);
          },
        }),
        watch({ type: podsType, owner: jobKeyOf, keys: (pod) => adopters(jobs, pod) }),
      ],
      reconcile(key, { isCurrent }): Plan {
        const owner = jobs.get(...splitKey(key));
        const tracked = pods.byIndex(trackedIndex, key);
        if (!owner) return { actions: releaseFinalizers(tracked) };
        if (isManagedElsewhere(owner)) return nothingToDo;
        const { owned, actions } = claimPods(owner, pods);
        const released = releaseFinalizers(notOwned(owner, tracked, owned));
        if (isFinished(owner)) {
          failures.forget(owner.metadata.uid);
          return { actions: [...released, ...releaseFinalizers(owned)] };
        }
        const plan = decideJob({
          job: owner,
          pods: owned,
          failures: failures.observe(owner, owned),
          mayChange: isCurrent,
          nowMs: env.clock.now(),
          allowance,
        });
        return { ...plan, actions: [...released, ...actions, ...plan.actions] };
      },
    };
  },
});

function* adopters(jobs: Lister<Job>, pod: Stored<Pod>): Generator<string> {
  if (controllerOf(pod)) return;
  for (const owner of jobs.list(pod.metadata.namespace)) if (selects(owner, pod)) yield keyOf(owner);
}

/** A finished Job adopts and releases no pods. */
function claimPods(owner: Stored<Job>, pods: Lister<Pod>): Claim<Pod> {
  if (isFinished(owner)) return { owned: ownedBy(pods, owner.metadata.uid), actions: [] };
  const selected = (pod: Stored<Pod>) => selects(owner, pod);
  return claim(jobsType, owner, podsType, claimable(pods, owner), selected, trackingFinalizer);
}

/** Pods of an earlier Job of the same name, and those it no longer owns. */
function notOwned(
  owner: Stored<Job>,
  tracked: readonly Stored<Pod>[],
  owned: readonly Stored<Pod>[],
): Stored<Pod>[] {
  const own = new Set(owned);
  return tracked.filter((pod) => !own.has(pod) && controllerOf(pod)?.uid !== owner.metadata.uid);
}

function selects({ spec }: Job, pod: Stored<Pod>): boolean {
  return spec?.selector !== undefined && matchesSelector(spec.selector, pod.metadata.labels);
}

function jobKeyOf(pod: Stored<Pod>): string | undefined {
  const { namespace, labels } = pod.metadata;
  const name = controllerOfType(pod, jobsType)?.name ?? (isTracked(pod) ? labels?.[jobNameLabel] : undefined);
  return name === undefined ? undefined : `${namespace}/${name}`;
}

function isManagedElsewhere({ spec }: Job): boolean {
  return spec?.managedBy !== undefined && spec.managedBy !== ownName;
}
