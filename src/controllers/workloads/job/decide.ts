/**
 * What to do about one Job that has not finished.
 *
 *   1. count its pods; is it done?
 *   2. done: delete running pods, announce the outcome, and when no pod remains, report that it has finished
 *   3. suspended: delete running pods
 *   4. else: create or delete pods up to the wanted number
 */

import { jobs as jobsType, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Job, JobCondition, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import {
  type Action,
  type CreateAction,
  type DeleteAction,
  type Plan,
  type TogetherAction,
  targetOf,
} from '#client/controllers/plan.ts';
import type { AskAllowance } from '#client/queue/write-pace.ts';
import { createPod, deletePod } from '../../shared/pod-steps.ts';
import { countPods, type JobCounts, trackingFinalizer } from './counts.ts';
import { podOfJob } from './pod.ts';
import { noChanges, type PodChanges, podChanges } from './pod-changes.ts';
import type { RecentFailures } from './recent-failures.ts';
import { conditionsOf, endingConditions, jobStatus, statusEvents, suspensionConditions } from './status.ts';
import { deadlineInMs, type JobVerdict, judgeJob } from './verdict.ts';

export interface JobView {
  readonly job: Stored<Job>;
  readonly pods: readonly Stored<Pod>[];
  readonly failures: RecentFailures;
  readonly mayChange: boolean;
  readonly nowMs: number;
  readonly allowance: AskAllowance;
}

export function decideJob(view: JobView): Plan {
  const { job, pods, nowMs, mayChange, failures } = view;
  const present = countPods(job, pods);
  const verdict = judgeJob(job, pods, present, nowMs);
  // While pods may exist that the cache does not show, it must not finish.
  const ending = mayChange ? verdict : undefined;
  const isDeleted = job.metadata.deletionTimestamp !== undefined;
  const counts = ending || isDeleted ? countPods(job, pods, ending?.outcome ?? 'Complete') : present;
  const changes = mayChange
    ? podChanges(job, counts, failures, ending !== undefined, nowMs, view.allowance)
    : noChanges;
  const conditions = conditionsAfter(view, counts, ending);
  const report = (done: PodChanges) => statusActions(view, counts, done, conditions);
  const waits = [deadlineInMs(job, nowMs), changes.waitMs].filter((ms) => ms !== undefined && ms > 0);
  return {
    actions: ending ? endingActions(view, changes, report) : runningActions(view, counts, changes, report),
    ...(waits.length > 0 ? { againInMs: Math.min(...(waits as number[])) } : {}),
  };
}

function conditionsAfter(
  { job, mayChange, nowMs }: JobView,
  counts: JobCounts,
  ending: JobVerdict | undefined,
): JobCondition[] {
  if (ending) return endingConditions(job, counts, ending, nowMs);
  if (!mayChange || job.metadata.deletionTimestamp) return conditionsOf(job);
  return suspensionConditions(job, nowMs);
}

/** The status after the pod changes, and the finalizers to remove: only of pods that the status has recorded. */
type StatusActions = (done: PodChanges) => Action[];

function statusActions(
  { job, nowMs }: JobView,
  counts: JobCounts,
  done: PodChanges,
  conditions: JobCondition[],
): Action[] {
  const status = jobStatus(job, counts, done, conditions, nowMs);
  const object: Stored<Job> = { ...job, status };
  const update: Action = { do: 'updateStatus', type: jobsType, object };
  const changed = deepEqual(job.status, status) ? [] : [update, ...statusEvents(job, status)];
  return [...changed, ...releaseFinalizers(counts.toRelease)];
}

/**
 * Finalizers are removed before pods are deleted: a deleted pod that still has its finalizer would count as
 * failed.
 */
function endingActions({ job }: JobView, changes: PodChanges, report: StatusActions): Action[] {
  return [...report(changes), ...together(deletions(job, changes.remove), {})];
}

function runningActions(
  { job }: JobView,
  counts: JobCounts,
  changes: PodChanges,
  report: StatusActions,
): Action[] {
  const { remove, create, allowance } = changes;
  const steps = [...creations(job, counts, create), ...deletions(job, remove)];
  const replaced = [...(counts.indexFailures?.toReplace.values() ?? [])];
  return [
    // A surplus pod has not failed, and must not be counted.
    ...releaseFinalizers(remove),
    ...together(steps, {
      ...(allowance ? { slowStart: true, allowance } : {}),
      // A job whose pods are rejected still starts, counts and reaches its deadline.
      ifFailed: steps.length > 0 ? report(noChanges) : [],
      // No pod will take over the counts of the failed ones: they must not block the namespace.
      ifNamespaceTerminates: releaseFinalizers(replaced),
    }),
    ...report(changes),
  ];
}

function together(
  actions: (CreateAction | DeleteAction)[],
  options: Omit<TogetherAction, 'do' | 'actions' | 'expected'>,
): Action[] {
  return actions.length === 0 ? [] : [{ do: 'together', actions, expected: true, ...options }];
}

function creations(
  job: Stored<Job>,
  { indexFailures }: JobCounts,
  indexes: readonly (number | undefined)[],
): CreateAction[] {
  return indexes.map((index) => {
    const replaced = index === undefined ? undefined : indexFailures?.toReplace.get(index);
    return createPod(job, podOfJob(job, index, replaced));
  });
}

function deletions(job: Stored<Job>, pods: readonly Stored<Pod>[]): DeleteAction[] {
  return pods.map((pod) => deletePod(job, pod));
}

export function releaseFinalizers(pods: readonly Stored<Pod>[]): Action[] {
  const actions = pods.flatMap(releaseFinalizer);
  return actions.length > 0 ? [{ do: 'together', actions }] : [];
}

function releaseFinalizer(pod: Stored<Pod>): Action[] {
  const { finalizers = [], uid } = pod.metadata;
  if (!finalizers.includes(trackingFinalizer)) return [];
  const patch = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } };
  return [{ do: 'patch', ...targetOf(podsType, pod), patchType: 'strategic', patch }];
}
