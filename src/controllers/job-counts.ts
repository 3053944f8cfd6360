/**
 * Counts the pods of a Job so that each ended pod counts once, whatever is deleted or crashes in between: an ended pod's
 * uid is written into the status first, then its finalizer is taken away, and only when that is seen does the uid turn
 * into a number.
 */

import type { Stored } from '#api/object.ts';
import type { Job, JobStatus, Pod } from '#api/types.gen.ts';
import { hasFailed, isCounted } from './job-failure-policy.ts';
import { type IndexFailures, indexFailures } from './job-index-failures.ts';
import { formatIndexes, parseIndexes, validIndexOf } from './job-indexes.ts';
import { isPodActive, isPodReady, isPodTerminating } from './pod-state.ts';

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export type Outcome = 'Complete' | 'Failed';

export interface JobCounts {
  readonly active: readonly Stored<Pod>[];
  readonly terminating: readonly Stored<Pod>[];
  readonly ready: number;
  /** Including those whose uids are still written out. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  /** Undefined when failures are not counted by index. */
  readonly indexFailures: IndexFailures | undefined;
  /** The number fields of the status, and the uids. */
  readonly status: Pick<
    JobStatus,
    'succeeded' | 'failed' | 'uncountedTerminatedPods' | 'completedIndexes' | 'failedIndexes'
  >;
  /** Pods that have been written down and may go. */
  readonly toRelease: readonly Stored<Pod>[];
}

/** What is in the status already, and the uids that are still to become numbers. */
interface Tally {
  succeeded: number;
  failed: number;
  readonly waiting: { readonly succeeded: Set<string>; readonly failed: Set<string> };
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata?.finalizers?.includes(trackingFinalizer) ?? false;
}

export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

/** `ending`: how the job is about to end, when it is: then no pod is waited for. */
export function countPods(job: Job, pods: readonly Stored<Pod>[], ending?: Outcome): JobCounts {
  const tracked = pods.filter(isTracked);
  const active = pods.filter(isPodActive);
  const tally = carriedOver(job, new Set(tracked.map(({ metadata }) => metadata.uid)));
  const completed = completedIndexes(job, tracked);
  const failures = indexFailures(job, tracked, active, completed);
  const held = new Set(failures?.toReplace.values());
  const toRelease: Stored<Pod>[] = [];
  let heldBack = 0;
  for (const pod of tracked) {
    const { uid } = pod.metadata;
    const isSuccess = pod.status?.phase === 'Succeeded';
    const isFailure = hasFailed(job, pod);
    if (isSuccess && !isIndexed(job)) tally.waiting.succeeded.add(uid);
    const counts =
      !isSuccess && (isFailure || ending === 'Failed') && hasPlace(job, pod) && isCounted(job, pod);
    const mayGo = isSuccess || ending !== undefined || (isFailure && !held.has(pod));
    if (mayGo) toRelease.push(pod);
    if (counts && mayGo) tally.waiting.failed.add(uid);
    else if (counts) heldBack++;
  }
  if (isIndexed(job)) tally.succeeded = completed.size;
  return {
    active,
    terminating: pods.filter(isPodTerminating),
    ready: active.filter(isPodReady).length,
    succeeded: tally.succeeded + tally.waiting.succeeded.size,
    failed: tally.failed + tally.waiting.failed.size + heldBack,
    completedIndexes: completed,
    indexFailures: failures,
    status: {
      ...statusOf(tally),
      ...(isIndexed(job) && completed.size > 0 ? { completedIndexes: formatIndexes(completed) } : {}),
      ...(failures ? { failedIndexes: formatIndexes(failures.failed) } : {}),
    },
    toRelease,
  };
}

function carriedOver({ status = {} }: Job, tracked: ReadonlySet<string>): Tally {
  const { succeeded = 0, failed = 0, uncountedTerminatedPods: before = {} } = status;
  const tally: Tally = { succeeded, failed, waiting: { succeeded: new Set(), failed: new Set() } };
  for (const kind of ['succeeded', 'failed'] as const) {
    for (const uid of before[kind] ?? []) tracked.has(uid) ? tally.waiting[kind].add(uid) : tally[kind]++;
  }
  return tally;
}

function completedIndexes(job: Job, tracked: readonly Stored<Pod>[]): Set<number> {
  const completed = new Set<number>();
  if (!isIndexed(job)) return completed;
  const { completions = 0 } = job.spec ?? {};
  for (const index of parseIndexes(job.status?.completedIndexes))
    if (index < completions) completed.add(index);
  for (const pod of tracked) {
    const index = validIndexOf(job, pod);
    if (pod.status?.phase === 'Succeeded' && index !== undefined) completed.add(index);
  }
  return completed;
}

function hasPlace(job: Job, pod: Pod): boolean {
  return !isIndexed(job) || validIndexOf(job, pod) !== undefined;
}

function statusOf({ succeeded, failed, waiting }: Tally): JobCounts['status'] {
  return {
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    uncountedTerminatedPods: {
      ...(waiting.succeeded.size > 0 ? { succeeded: [...waiting.succeeded] } : {}),
      ...(waiting.failed.size > 0 ? { failed: [...waiting.failed] } : {}),
    },
  };
}
