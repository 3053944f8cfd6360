/**
 * Counts failures by index, for a Job with `backoffLimitPerIndex`. The count is passed from pod to pod by
 * annotation: the last failed pod of an index keeps its finalizer until another pod has its count.
 */

import type { Job, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { backoffLeftMs, endedAtMs } from './backoff.ts';
import { hasFailed, isCounted, matchFailure } from './failure-policy.ts';
import { IndexRanges } from './index-ranges.ts';
import { indexOf, validIndexOf } from './indexes.ts';

const failureAnnotation = 'batch.kubernetes.io/job-index-failure-count';
const ignoredAnnotation = 'batch.kubernetes.io/job-index-ignored-failure-count';
const int32Max = 2 ** 31 - 1;

export interface IndexFailures {
  /** Indexes that have failed permanently. */
  readonly failed: IndexRanges;
  /** The last failed pod of each index that will be retried. */
  readonly toReplace: ReadonlyMap<number, Stored<Pod>>;
}

/** `tracked` are the pods not counted yet. */
export function indexFailures(
  job: Job,
  tracked: readonly Stored<Pod>[],
  active: readonly Stored<Pod>[],
  completed: IndexRanges,
): IndexFailures | undefined {
  if (job.spec?.backoffLimitPerIndex === undefined) return undefined;
  const running = new Set(active.map(indexOf));
  const ended = tracked.filter((pod) => hasFailed(job, pod) && validIndexOf(job, pod) !== undefined);
  const failedBefore = IndexRanges.parse(job.status?.failedIndexes, job.spec.completions);
  const failed = failedBefore.with(ended.filter((pod) => failsIndex(job, pod)).map((pod) => indexOf(pod)!));
  const toReplace = new Map<number, Stored<Pod>>();
  for (const pod of ended) {
    const index = indexOf(pod)!;
    if (failed.has(index) || completed.has(index) || running.has(index)) continue;
    const other = toReplace.get(index);
    if (!other || isLater(pod, other)) toReplace.set(index, pod);
  }
  return { failed, toReplace };
}

function failsIndex(job: Job, pod: Pod): boolean {
  if (matchFailure(job, pod)?.action === 'FailIndex') return true;
  return isCounted(job, pod) && countIn(pod, failureAnnotation) >= job.spec!.backoffLimitPerIndex!;
}

function isLater(pod: Stored<Pod>, other: Stored<Pod>): boolean {
  return attemptsBefore(pod) >= attemptsBefore(other) && endedAtMs(pod) >= endedAtMs(other);
}

/** The annotations with failure counts for the next pod of an index. */
export function failureAnnotations(job: Job, replaced: Pod | undefined): Record<string, string> {
  if (job.spec?.backoffLimitPerIndex === undefined) return {};
  if (!replaced) return { [failureAnnotation]: '0' };
  const counts = isCounted(job, replaced);
  const failures = countIn(replaced, failureAnnotation) + (counts ? 1 : 0);
  const ignored = countIn(replaced, ignoredAnnotation) + (counts ? 0 : 1);
  return {
    [failureAnnotation]: String(failures),
    ...(ignored > 0 ? { [ignoredAnnotation]: String(ignored) } : {}),
  };
}

export function indexBackoffMs(replaced: Stored<Pod> | undefined, nowMs: number): number {
  return replaced ? backoffLeftMs(attemptsBefore(replaced) + 1, endedAtMs(replaced), nowMs) : 0;
}

function attemptsBefore(pod: Pod): number {
  return countIn(pod, failureAnnotation) + countIn(pod, ignoredAnnotation);
}

/** Annotations can be written by any client: an invalid count is ignored. */
function countIn({ metadata }: Pod, annotation: string): number {
  const count = Number(metadata?.annotations?.[annotation] ?? 0);
  return Number.isInteger(count) && count >= 0 && count <= int32Max ? count : 0;
}
