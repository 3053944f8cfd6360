/**
 * What to do about one Job.
 *
 *   1. count its pods; is it done?
 *   2. done: delete what still runs, say how it will end, and when nothing is left, that it has ended
 *   3. suspended: delete what runs
 *   4. else: as many pods as parallelism and what is left to complete ask for, held back after failures, of the job or of
 *      their index
 */

import { deepEqual } from '#api/deep-equal.ts';
import { jobs as jobsType, pods as podsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { Job, JobCondition, JobStatus, Pod } from '#api/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action, CreateAction, DeleteAction, Plan } from '#client/controller.ts';
import type { Expectations } from '#client/expectations.ts';
import { withoutZeros } from './counts.ts';
import { rankForDeletion } from './deletion-ranking.ts';
import { failureBackoffMs } from './job-backoff.ts';
import { countPods, isIndexed, type JobCounts, trackingFinalizer } from './job-counts.ts';
import { replacesOnlyEnded } from './job-failure-policy.ts';
import { indexBackoffMs } from './job-index-failures.ts';
import { indexOf, validIndexOf } from './job-indexes.ts';
import { podOfJob } from './job-pod.ts';
import { deadlineInMs, isFinished, type JobVerdict, judgeJob } from './job-verdict.ts';

const changesAtOnceMax = 500;

export interface JobView {
  readonly job: Stored<Job>;
  readonly pods: readonly Stored<Pod>[];
  readonly mayChange: boolean;
  readonly nowMs: number;
  readonly expectations: { readonly book: Expectations; readonly key: string };
}

export function decideJob(view: JobView): Plan {
  const { job, pods, nowMs, mayChange } = view;
  if (isFinished(job)) return { actions: pods.flatMap(releaseFinalizer) };
  const present = countPods(job, pods);
  const verdict = judgeJob(job, pods, present, nowMs);
  // While pods may be on their way in that nobody has seen, it must not end.
  const ending = verdict && mayChange ? verdict.outcome : undefined;
  const isDeleted = job.metadata.deletionTimestamp !== undefined;
  const counts = ending || isDeleted ? countPods(job, pods, ending ?? 'Complete') : present;
  const change = mayChange ? changeOf(view, counts, verdict) : noChange;
  const conditions = conditionsOf(job, counts, verdict, nowMs);
  const activeAfter = counts.active.length + change.create.length - change.remove.length;
  const status = statusOf(job, counts, conditions, activeAfter, nowMs);
  const after = deepEqual(job.status, status) ? [] : [updateStatus(job, status), ...endEvents(job, status)];
  const againInMs = [deadlineInMs(job, nowMs), change.waitMs].filter((ms) => ms !== undefined && ms > 0);
  const changes = changeActions(view, counts, change, verdict);
  // A pod may go only when the status has written it down.
  const written = [...after, ...counts.toRelease.flatMap(releaseFinalizer)];
  return {
    // At the end pods are let go before they are deleted: one that is seen deleted but not let go would count as failed.
    actions: ending ? [...written, ...changes] : [...changes, ...written],
    ...(againInMs.length > 0 ? { againInMs: Math.min(...(againInMs as number[])) } : {}),
  };
}

/** Either pods to remove or, by index where there are indexes, pods to make. */
interface Change {
  readonly remove: readonly Stored<Pod>[];
  readonly create: readonly (number | undefined)[];
  /** How long failures hold back pods that are wanted. */
  readonly waitMs: number;
}

const noChange: Change = { remove: [], create: [], waitMs: 0 };

function changeOf(view: JobView, counts: JobCounts, verdict: JobVerdict | undefined): Change {
  const { job, nowMs } = view;
  // What becomes of the pods of a deleted job is the garbage collector's to say.
  if (!verdict && job.metadata.deletionTimestamp) return noChange;
  const wanted = verdict || job.spec?.suspend ? 0 : wantedActive(job, counts);
  const remove = surplus(view, counts, counts.active.length - wanted).slice(0, changesAtOnceMax);
  if (remove.length > 0) return { ...noChange, remove };
  const blocked = replacesOnlyEnded(job) ? counts.terminating.length : 0;
  const missing = Math.min(wanted - blocked - counts.active.length, changesAtOnceMax);
  if (missing <= 0) return noChange;
  if (counts.indexFailures) return createByIndex(view, counts, missing);
  const waitMs = failureBackoffMs(view.pods, nowMs);
  if (waitMs > 0) return { ...noChange, waitMs };
  return { ...noChange, create: freeIndexes(job, counts, missing) };
}

/** Each index waits for itself. */
function createByIndex({ job, nowMs }: JobView, counts: JobCounts, missing: number): Change {
  const create: number[] = [];
  const waits: number[] = [];
  for (const index of freeIndexes(job, counts, missing) as number[]) {
    const waitMs = indexBackoffMs(counts.indexFailures?.toReplace.get(index), nowMs);
    if (waitMs > 0) waits.push(waitMs);
    else create.push(index);
  }
  return { remove: [], create, waitMs: waits.length > 0 ? Math.min(...waits) : 0 };
}

function wantedActive(job: Job, counts: JobCounts): number {
  const { completions, parallelism = 1 } = job.spec ?? {};
  if (completions !== undefined) return Math.max(0, Math.min(parallelism, completions - counts.succeeded));
  return counts.succeeded > 0 ? counts.active.length : parallelism;
}

/** At least so many: pods of an Indexed Job without a place of their own go in any case. */
function surplus({ job, nowMs }: JobView, { active }: JobCounts, count: number): Stored<Pod>[] {
  const isCrowded = isIndexed(job) && onePerIndex(job, active).size < active.length;
  if (count <= 0 && !isCrowded) return [];
  const ranked = rankForDeletion(active, [], nowMs);
  // Of several at one place, the one that would be deleted last stays.
  const placed = isIndexed(job) ? onePerIndex(job, ranked.toReversed()) : new Set(ranked);
  const misplaced = ranked.filter((pod) => !placed.has(pod));
  const others = ranked.filter((pod) => placed.has(pod));
  return [...misplaced, ...others.slice(0, Math.max(0, count - misplaced.length))];
}

/** The first at each place. */
function onePerIndex(job: Job, pods: readonly Stored<Pod>[]): Set<Stored<Pod>> {
  const placed = new Map<number, Stored<Pod>>();
  for (const pod of pods) {
    const index = validIndexOf(job, pod);
    if (index !== undefined && !placed.has(index)) placed.set(index, pod);
  }
  return new Set(placed.values());
}

function changeActions(
  view: JobView,
  counts: JobCounts,
  { remove, create }: Change,
  verdict: JobVerdict | undefined,
): Action[] {
  if (remove.length === 0 && create.length === 0) return [];
  const { job, expectations } = view;
  const steps = [...creations(job, counts, create), ...deletions(job, remove)];
  // What is removed because it is too much has not failed: nobody shall count it.
  const uncounted = verdict ? [] : remove.flatMap(releaseFinalizer);
  return [
    ...uncounted,
    {
      do: 'together',
      actions: steps,
      slowStart: create.length > 0,
      expectations,
      afterFailure: (failures) =>
        failures.map(({ action, error }) =>
          action.do === 'create'
            ? tell(job, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
            : tell(job, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`),
        ),
    },
  ];
}

function creations(
  job: Stored<Job>,
  { indexFailures }: JobCounts,
  indexes: readonly (number | undefined)[],
): CreateAction[] {
  return indexes.map((index) => ({
    do: 'create',
    type: podsType,
    object: podOfJob(job, index, index === undefined ? undefined : indexFailures?.toReplace.get(index)),
    afterwards: (created) => [
      tell(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`),
    ],
  }));
}

/** The lowest indexes that have neither ended nor run; for other jobs just as many nothings. */
function freeIndexes(job: Job, counts: JobCounts, count: number): (number | undefined)[] {
  if (!isIndexed(job)) return Array.from({ length: count }, () => undefined);
  const inUse = replacesOnlyEnded(job) ? [...counts.active, ...counts.terminating] : counts.active;
  const running = new Set(inUse.map(indexOf));
  const free: number[] = [];
  for (let index = 0; index < (job.spec?.completions ?? 0) && free.length < count; index++) {
    const hasEnded = counts.completedIndexes.has(index) || counts.indexFailures?.failed.has(index);
    if (!hasEnded && !running.has(index)) free.push(index);
  }
  return free;
}

function deletions(job: Stored<Job>, pods: readonly Stored<Pod>[]): DeleteAction[] {
  return pods.map(({ metadata: { namespace, name, uid } }) => ({
    do: 'delete',
    type: podsType,
    namespace: namespace!,
    name,
    uid,
    afterwards: () => [tell(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)],
  }));
}

function conditionsOf(
  job: Job,
  counts: JobCounts,
  verdict: JobVerdict | undefined,
  nowMs: number,
): JobCondition[] {
  const conditions = [...(job.status?.conditions ?? [])];
  const set = (type: string, status: string, reason: string, message: string) => {
    const at = conditions.findIndex((one) => one.type === type);
    const before = conditions[at];
    if (before?.status === status && before.reason === reason) return;
    const now = rfc3339(nowMs);
    const condition = { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
    if (at === -1) conditions.push(condition);
    else conditions[at] = condition;
  };
  if (verdict) {
    const { outcome, reason, message } = verdict;
    set(outcome === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet', 'True', reason, message);
    const left = [counts.active, counts.terminating, counts.toRelease];
    const isEmpty = left.every(({ length }) => length === 0);
    if (isEmpty) set(outcome, 'True', reason, message);
    return conditions;
  }
  const wasSuspended = conditions.some(({ type, status }) => type === 'Suspended' && status === 'True');
  if (job.spec?.suspend) set('Suspended', 'True', 'JobSuspended', 'Job suspended');
  else if (wasSuspended) set('Suspended', 'False', 'JobResumed', 'Job resumed');
  return conditions;
}

function statusOf(
  job: Job,
  counts: JobCounts,
  conditions: JobCondition[],
  active: number,
  nowMs: number,
): JobStatus {
  const now = rfc3339(nowMs);
  const { startTime: startedAt, completionTime } = job.status ?? {};
  const startTime = job.spec?.suspend ? undefined : (startedAt ?? now);
  const isComplete = conditions.some(({ type, status }) => type === 'Complete' && status === 'True');
  const endTime = completionTime ?? (isComplete ? now : undefined);
  return {
    ...withoutZeros({ active }),
    ready: counts.ready,
    terminating: counts.terminating.length,
    ...counts.status,
    ...(startTime ? { startTime } : {}),
    ...(endTime ? { completionTime: endTime } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** Told once, with the change of condition. */
function endEvents(job: Stored<Job>, status: JobStatus): Action[] {
  const before = job.status?.conditions ?? [];
  const fresh = (status.conditions ?? []).filter(
    ({ type, status: is }) => !before.some((one) => one.type === type && one.status === is),
  );
  return fresh.flatMap(({ type, status: is, reason = '', message = '' }) => {
    if (type === 'Complete') return [tell(job, 'Normal', 'Completed', 'Job completed')];
    if (type === 'Failed') return [tell(job, 'Warning', reason, message)];
    if (type !== 'Suspended') return [];
    return [
      is === 'True' ? tell(job, 'Normal', 'Suspended', message) : tell(job, 'Normal', 'Resumed', message),
    ];
  });
}

export function releaseFinalizer(pod: Stored<Pod>): Action[] {
  const { finalizers = [], namespace, name, uid } = pod.metadata;
  if (!finalizers.includes(trackingFinalizer)) return [];
  return [
    {
      do: 'patch',
      type: podsType,
      namespace: namespace!,
      name,
      patchType: 'strategic',
      patch: { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } },
    },
  ];
}

function updateStatus(job: Stored<Job>, status: JobStatus): Action {
  const object: Stored<Job> = { ...job, status };
  return { do: 'updateStatus', type: jobsType, object };
}

function tell(job: Stored<Job>, eventType: 'Normal' | 'Warning', reason: string, message: string): Action {
  return { do: 'event', regarding: job, eventType, reason, message };
}
