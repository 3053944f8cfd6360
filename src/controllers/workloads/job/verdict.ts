/** Whether a Job is done, and its outcome. */

import type { Job, JobCondition, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { startedStatuses } from '#api/pods/containers.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { isIndexed, type JobCounts, type Outcome } from './counts.ts';
import { hasFailed, matchFailure } from './failure-policy.ts';
import { matchSuccess } from './success-policy.ts';

export interface JobVerdict {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly message: string;
}

export function isFinished(job: Job): boolean {
  return endCondition(job) !== undefined;
}

/** The condition with the outcome of a finished Job. */
export function endCondition({ status }: Job): JobCondition | undefined {
  return status?.conditions?.find(
    (condition) =>
      (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True',
  );
}

export function judgeJob(
  job: Job,
  pods: readonly Stored<Pod>[],
  counts: JobCounts,
  nowMs: number,
): JobVerdict | undefined {
  return (
    announced(job) ??
    failedByPolicy(job, pods) ??
    failure(job, pods, counts, nowMs) ??
    failedByIndexes(job, counts) ??
    succeededByPolicy(job, counts) ??
    success(job, counts)
  );
}

/** Once a condition announces the outcome, events while its pods terminate do not change it. */
function announced(job: Job): JobVerdict | undefined {
  for (const { type, status, reason = '', message = '' } of job.status?.conditions ?? []) {
    if (status !== 'True') continue;
    if (type === 'FailureTarget') return { outcome: 'Failed', reason, message };
    if (type === 'SuccessCriteriaMet') return { outcome: 'Complete', reason, message };
  }
  return undefined;
}

function failedByPolicy(job: Job, pods: readonly Stored<Pod>[]): JobVerdict | undefined {
  for (const pod of job.spec?.podFailurePolicy ? pods : []) {
    const match = hasFailed(job, pod) ? matchFailure(job, pod) : undefined;
    if (match?.action === 'FailJob') {
      return { outcome: 'Failed', reason: 'PodFailurePolicy', message: match.message };
    }
  }
  return undefined;
}

function failure(
  job: Job,
  pods: readonly Stored<Pod>[],
  counts: JobCounts,
  nowMs: number,
): JobVerdict | undefined {
  const { backoffLimit = 6 } = job.spec ?? {};
  if (counts.failed > backoffLimit || isRestartedTooOften(job, pods, backoffLimit)) {
    const message = 'Job has reached the specified backoff limit';
    return { outcome: 'Failed', reason: 'BackoffLimitExceeded', message };
  }
  if (deadlineInMs(job, nowMs) === 0) {
    const message = 'Job was active longer than specified deadline';
    return { outcome: 'Failed', reason: 'DeadlineExceeded', message };
  }
  return undefined;
}

/**
 * Container restarts count as failures too, also in terminating pods. Reaching the limit is enough, as
 * upstream, except that a limit of 0 permits no restart instead of no start.
 */
function isRestartedTooOften(job: Job, pods: readonly Stored<Pod>[], backoffLimit: number): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status = {} } of pods.filter((pod) => !isPodTerminal(pod))) {
    for (const { restartCount } of startedStatuses(status)) restarts += restartCount;
  }
  return restarts >= Math.max(1, backoffLimit);
}

function failedByIndexes({ spec }: Job, counts: JobCounts): JobVerdict | undefined {
  const failed = counts.indexFailures?.failed.size ?? 0;
  if (failed === 0) return undefined;
  if (spec?.maxFailedIndexes !== undefined && failed > spec.maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return { outcome: 'Failed', reason: 'MaxFailedIndexesExceeded', message };
  }
  // Indexes that can still succeed are run to completion.
  if (failed + counts.completedIndexes.size < (spec?.completions ?? 0)) return undefined;
  return { outcome: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
}

function succeededByPolicy(job: Job, counts: JobCounts): JobVerdict | undefined {
  const message = isIndexed(job) ? matchSuccess(job, counts.completedIndexes) : undefined;
  return message === undefined ? undefined : { outcome: 'Complete', reason: 'SuccessPolicy', message };
}

function success(job: Job, counts: JobCounts): JobVerdict | undefined {
  const { completions } = job.spec ?? {};
  const isMet =
    completions === undefined
      ? counts.succeeded > 0 && counts.active.length === 0
      : counts.succeeded >= completions;
  if (!isMet) return undefined;
  const message = 'Reached expected number of succeeded pods';
  return { outcome: 'Complete', reason: 'CompletionsReached', message };
}

/**
 * Time left of `activeDeadlineSeconds`; 0 when it has passed, undefined when there is none or the job is not
 * running.
 */
export function deadlineInMs(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec ?? {};
  const startTime = job.status?.startTime;
  if (activeDeadlineSeconds === undefined || suspend || !startTime) return undefined;
  return Math.max(0, Date.parse(startTime) + activeDeadlineSeconds * 1000 - nowMs);
}
