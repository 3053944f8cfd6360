/** The status of a Job, with the conditions for its outcome and suspension, and their events. */

import type { Job, JobCondition, JobStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodReady } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Action } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { withoutZeros } from '../../shared/without-zeros.ts';
import type { JobCounts } from './counts.ts';
import type { PodChanges } from './pod-changes.ts';
import type { JobVerdict } from './verdict.ts';

/** `changes` have been carried out, although `counts` does not include them yet. */
export function jobStatus(
  job: Job,
  counts: JobCounts,
  changes: PodChanges,
  conditions: JobCondition[],
  nowMs: number,
): JobStatus {
  const now = rfc3339(nowMs);
  const { startTime: startedAt, completionTime } = job.status ?? {};
  const startTime = job.spec?.suspend ? undefined : (startedAt ?? now);
  const isComplete = conditions.some(({ type, status }) => type === 'Complete' && status === 'True');
  const endTime = completionTime ?? (isComplete ? now : undefined);
  const { remove, create } = changes;
  return {
    ...withoutZeros({ active: counts.active.length + create.length - remove.length }),
    ready: counts.active.filter(isPodReady).length - remove.filter(isPodReady).length,
    terminating: counts.terminating.length + remove.length,
    ...counts.status,
    ...(startTime ? { startTime } : {}),
    ...(endTime ? { completionTime: endTime } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** It has finished when none of its pods remains to be stopped, awaited, or counted. */
export function endingConditions(
  job: Job,
  counts: JobCounts,
  { outcome, reason, message }: JobVerdict,
  nowMs: number,
): JobCondition[] {
  const target = outcome === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet';
  const announced = withCondition(conditionsOf(job), target, 'True', reason, message, nowMs);
  const left = [counts.active, counts.terminating, counts.toRelease];
  const isEmpty = left.every(({ length }) => length === 0);
  return isEmpty ? withCondition(announced, outcome, 'True', reason, message, nowMs) : announced;
}

export function suspensionConditions(job: Job, nowMs: number): JobCondition[] {
  const before = conditionsOf(job);
  if (job.spec?.suspend) {
    return withCondition(before, 'Suspended', 'True', 'JobSuspended', 'Job suspended', nowMs);
  }
  const wasSuspended = before.some(({ type, status }) => type === 'Suspended' && status === 'True');
  if (!wasSuspended) return before;
  return withCondition(before, 'Suspended', 'False', 'JobResumed', 'Job resumed', nowMs);
}

export function conditionsOf(job: Job): JobCondition[] {
  return job.status?.conditions ?? [];
}

function withCondition(
  conditions: readonly JobCondition[],
  type: string,
  status: string,
  reason: string,
  message: string,
  nowMs: number,
): JobCondition[] {
  const at = conditions.findIndex((condition) => condition.type === type);
  const before = conditions[at];
  if (before?.status === status && before.reason === reason) return [...conditions];
  const now = rfc3339(nowMs);
  const condition = { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
  return at === -1 ? [...conditions, condition] : conditions.with(at, condition);
}

/** Recorded once, when the condition changes. */
export function statusEvents(job: Stored<Job>, status: JobStatus): Action[] {
  const before = conditionsOf(job);
  const fresh = (status.conditions ?? []).filter(
    ({ type, status: is }) => !before.some((condition) => condition.type === type && condition.status === is),
  );
  return fresh.flatMap(({ type, status: is, reason = '', message = '' }) => {
    if (type === 'Complete') return [...tooManySucceeded(job, status), completed(job)];
    if (type === 'Failed') return [eventAction(job, 'Warning', reason, message)];
    if (type !== 'Suspended') return [];
    return [eventAction(job, 'Normal', is === 'True' ? 'Suspended' : 'Resumed', message)];
  });
}

function completed(job: Stored<Job>): Action {
  return eventAction(job, 'Normal', 'Completed', 'Job completed');
}

function tooManySucceeded(job: Stored<Job>, { succeeded = 0 }: JobStatus): Action[] {
  const { completions } = job.spec ?? {};
  if (completions === undefined || succeeded <= completions) return [];
  const message = 'Too many succeeded pods running after completion count reached';
  return [eventAction(job, 'Warning', 'TooManySucceededPods', message)];
}
