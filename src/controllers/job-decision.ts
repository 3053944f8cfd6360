/**
 * What to do about one Job.
 *
 *   1. count its pods; is it done?
 *   2. done: delete what still runs, say how it will end, and when nothing is left, that it has ended
 *   3. suspended: delete what runs
 *   4. else: as many pods as parallelism and what is left to complete ask for, held back after failures
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
import { countPods, failureBackoffMs, isIndexed, type JobCounts, trackingFinalizer } from './job-counts.ts';
import { indexOf } from './job-indexes.ts';
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
  const { job, pods, nowMs } = view;
  if (isFinished(job)) return { actions: pods.flatMap(releaseFinalizer) };
  const counts = countPods(job, pods);
  const verdict = judgeJob(job, counts, nowMs);
  const isSuspended = Boolean(job.spec?.suspend);
  const backoffMs = failureBackoffMs(pods, nowMs);
  const wanted = verdict || isSuspended || job.metadata.deletionTimestamp ? 0 : wantedActive(job, counts);
  const change = !view.mayChange ? 0 : sizeOfChange(wanted - counts.active.length, backoffMs);
  const actions = changeActions(view, counts, change);
  const conditions = conditionsOf(job, counts, verdict, nowMs);
  const activeAfter = counts.active.length + change;
  const status = statusOf(job, counts, conditions, activeAfter, nowMs);
  const after = deepEqual(job.status, status) ? [] : [updateStatus(job, status), ...endEvents(job, status)];
  const waits = [deadlineInMs(job, nowMs), wanted > activeAfter ? backoffMs : undefined];
  const againInMs = waits.filter((waitMs) => waitMs !== undefined && waitMs > 0);
  return {
    // A pod may go only when the status has written it down.
    actions: [...actions, ...after, ...counts.toRelease.flatMap(releaseFinalizer)],
    ...(againInMs.length > 0 ? { againInMs: Math.min(...(againInMs as number[])) } : {}),
  };
}

function wantedActive(job: Job, counts: JobCounts): number {
  const { completions, parallelism = 1, podReplacementPolicy } = job.spec ?? {};
  const blocked = podReplacementPolicy === 'Failed' ? counts.terminating : 0;
  if (completions === undefined) {
    return counts.succeeded > 0 ? counts.active.length : Math.max(0, parallelism - blocked);
  }
  return Math.max(0, Math.min(parallelism, completions - counts.succeeded) - blocked);
}

function sizeOfChange(missing: number, backoffMs: number): number {
  if (missing > 0 && backoffMs > 0) return 0;
  return Math.max(-changesAtOnceMax, Math.min(missing, changesAtOnceMax));
}

function changeActions(view: JobView, counts: JobCounts, change: number): Action[] {
  if (change === 0) return [];
  const { job, expectations } = view;
  const steps = change > 0 ? creations(job, counts, change) : deletions(view, counts, -change);
  return [
    {
      do: 'together',
      actions: steps,
      slowStart: change > 0,
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

function creations(job: Stored<Job>, counts: JobCounts, count: number): CreateAction[] {
  return freeIndexes(job, counts, count).map((index) => ({
    do: 'create',
    type: podsType,
    object: podOfJob(job, index),
    afterwards: (created) => [
      tell(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`),
    ],
  }));
}

/** The lowest indexes that are neither completed nor running; for other jobs just as many nothings. */
function freeIndexes(job: Job, counts: JobCounts, count: number): (number | undefined)[] {
  if (!isIndexed(job)) return Array.from({ length: count }, () => undefined);
  const running = new Set(counts.active.map(indexOf));
  const free: number[] = [];
  for (let index = 0; index < (job.spec?.completions ?? 0) && free.length < count; index++) {
    if (!counts.completedIndexes.has(index) && !running.has(index)) free.push(index);
  }
  return free;
}

function deletions(view: JobView, counts: JobCounts, count: number): DeleteAction[] {
  const ranked = rankForDeletion(counts.active, [], view.nowMs);
  return ranked.slice(0, count).map(({ metadata: { namespace, name, uid } }) => ({
    do: 'delete',
    type: podsType,
    namespace: namespace!,
    name,
    uid,
    afterwards: () => [tell(view.job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)],
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
    const isEmpty = counts.active.length === 0 && counts.terminating === 0 && counts.toRelease.length === 0;
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
    terminating: counts.terminating,
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
