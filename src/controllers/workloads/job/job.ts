/**
 * Runs the pods of every Job until enough of them have succeeded or too many have failed.
 *
 * Reads Jobs and pods; writes pods, their finalizers and Job status. Follows upstream's job-controller; a Job that names
 * another controller in `managedBy` is left alone.
 */

import { jobs as jobsType, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Job, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ControllerContext, defineController, type Plan } from '#client/controllers/controller.ts';
import { Expectations } from '#client/controllers/expectations.ts';
import type { Informer } from '#client/informers/informer.ts';
import { type Claim, claim } from '../../shared/claiming.ts';
import { matchesSelector } from '../../shared/label-selector.ts';
import { claimable, controllerOf, controllerOfType, indexByOwner, ownedBy } from '../../shared/ownership.ts';
import { keyOf, splitKey } from '../../shared/queue-key.ts';
import { WrittenVersions } from '../../shared/written-versions.ts';
import { isTracked, trackingFinalizer } from './counts.ts';
import { decideJob, releaseFinalizers } from './decide.ts';
import { JobFailures } from './recent-failures.ts';
import { isFinished } from './verdict.ts';

const jobNameLabel = 'batch.kubernetes.io/job-name';
const trackedIndex = 'tracked by job';
const ownName = 'kubernetes.io/job-controller';

export const job = defineController({
  name: 'job-controller',
  start(context) {
    const { informers, env } = context;
    const jobs = informers.for(jobsType);
    const pods = informers.for(podsType);
    const book = new Expectations(env.clock);
    const failures = new JobFailures();
    const written = new WrittenVersions();
    const forget = ({ metadata: { uid } }: Stored<Job>) => {
      failures.forget(uid);
      written.forget(uid);
    };
    watchJobs(jobs, context, forget);
    watchPods(jobs, pods, context, book);
    return {
      reconcile(key): Plan {
        const one = jobs.get(...splitKey(key));
        const tracked = pods.byIndex(trackedIndex, key);
        if (!one) {
          book.forget(key);
          return { actions: releaseFinalizers(tracked) };
        }
        if (isManagedElsewhere(one) || written.isOutdated(one)) return { actions: [] };
        const { owned, actions } = claimPods(one, pods);
        const released = releaseFinalizers(strangers(one, tracked, owned));
        if (isFinished(one)) {
          forget(one);
          return { actions: [...released, ...releaseFinalizers(owned)] };
        }
        const plan = decideJob({
          job: one,
          pods: owned,
          failures: failures.observe(one, owned),
          mayChange: book.satisfied(key),
          nowMs: env.clock.now(),
          allowance: context.allowance,
          expectations: { book, key },
          written,
        });
        return { ...plan, actions: [...released, ...actions, ...plan.actions] };
      },
    };
  },
});

function watchJobs(
  jobs: Informer<Job>,
  { enqueue }: ControllerContext,
  forget: (one: Stored<Job>) => void,
): void {
  const wake = (one: Stored<Job>) => enqueue(keyOf(one));
  jobs.subscribe({
    onAdd: wake,
    onUpdate: (_old, one) => wake(one),
    onDelete(one) {
      forget(one);
      wake(one);
    },
  });
}

function watchPods(
  jobs: Informer<Job>,
  pods: Informer<Pod>,
  { enqueue }: ControllerContext,
  book: Expectations,
): void {
  indexByOwner(pods);
  // Pods of a job that no longer exists still need their finalizer removed: they are found by its name.
  pods.addIndex(trackedIndex, (pod) => (isTracked(pod) ? [jobKeyOf(pod) ?? ''] : []));
  const onPod = (pod: Stored<Pod>) => {
    if (!controllerOf(pod))
      for (const one of jobs.list(pod.metadata.namespace)) if (selects(one, pod)) enqueue(keyOf(one));
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
}

/** A Job that has ended adopts and releases nothing any more. */
function claimPods(one: Stored<Job>, pods: Informer<Pod>): Claim<Pod> {
  if (isFinished(one)) return { owned: ownedBy(pods, one.metadata.uid), actions: [] };
  return claim(jobsType, one, podsType, claimable(pods, one), (pod) => selects(one, pod), trackingFinalizer);
}

/** Pods of another Job that had its name, and those it does not own any more. */
function strangers(
  one: Stored<Job>,
  tracked: readonly Stored<Pod>[],
  owned: readonly Stored<Pod>[],
): Stored<Pod>[] {
  const own = new Set(owned);
  return tracked.filter((pod) => !own.has(pod) && controllerOf(pod)?.uid !== one.metadata.uid);
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
