/**
 * Counts the pods of a Job so that each finished pod counts once, whatever is deleted or crashes in between:
 * a finished pod's uid is written into the status first, then its finalizer is removed, and only when that is
 * observed does the uid become part of the count.
 */

import type { Job, JobStatus, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodActive, isPodTerminating } from '#api/pods/state.ts';
import { hasFailed, isCounted } from './failure-policy.ts';
import { type IndexFailures, indexFailures } from './index-failures.ts';
import { IndexRanges } from './index-ranges.ts';
import { validIndexOf } from './indexes.ts';

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export type Outcome = 'Complete' | 'Failed';

export interface JobCounts {
  readonly active: readonly Stored<Pod>[];
  readonly terminating: readonly Stored<Pod>[];
  /** Including pods whose uids are in the status, or not even that yet. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: IndexRanges;
  /** Undefined when failures are not counted by index. */
  readonly indexFailures: IndexFailures | undefined;
  /** The number fields of the status, and the uids. */
  readonly status: Pick<
    JobStatus,
    'succeeded' | 'failed' | 'uncountedTerminatedPods' | 'completedIndexes' | 'failedIndexes'
  >;
  /** Pods recorded in the status, whose finalizer can be removed. */
  readonly toRelease: readonly Stored<Pod>[];
}

/** Limit of uids in one status, for its size. */
const uidsMax = 500;

interface Tally {
  /** Counts in the status already. */
  succeeded: number;
  failed: number;
  /** Uids that are not part of the counts yet. */
  readonly waiting: { readonly succeeded: Set<string>; readonly failed: Set<string> };
  /** Finished, but delayed or too many to be recorded now. */
  readonly later: { succeeded: number; failed: number };
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata?.finalizers?.includes(trackingFinalizer) ?? false;
}

export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

/** `ending`: the outcome of a job that is about to end: then no pod is waited for. */
export function countPods(job: Job, pods: readonly Stored<Pod>[], ending?: Outcome): JobCounts {
  const tracked = pods.filter(isTracked);
  const active = pods.filter(isPodActive);
  const tally = carriedOver(job, new Set(tracked.map(({ metadata }) => metadata.uid)));
  const completed = completedIndexes(job, tracked);
  const failures = indexFailures(job, tracked, active, completed);
  const held = new Set(failures?.toReplace.values());
  const hasEnded = (pod: Stored<Pod>) =>
    ending !== undefined || pod.status?.phase === 'Succeeded' || (hasFailed(job, pod) && !held.has(pod));
  const toRelease = writeDown(job, tracked, tally, hasEnded, ending);
  if (isIndexed(job)) tally.succeeded = completed.size;
  return {
    active,
    terminating: pods.filter(isPodTerminating),
    succeeded: tally.succeeded + tally.waiting.succeeded.size + tally.later.succeeded,
    failed: tally.failed + tally.waiting.failed.size + tally.later.failed,
    completedIndexes: completed,
    indexFailures: failures,
    status: {
      ...statusOf(tally),
      ...(isIndexed(job) && completed.size > 0 ? { completedIndexes: String(completed) } : {}),
      ...(failures ? { failedIndexes: String(failures.failed) } : {}),
    },
    toRelease,
  };
}

/** Records the uids of finished pods; returns the pods whose finalizer can be removed. */
function writeDown(
  job: Job,
  tracked: readonly Stored<Pod>[],
  { waiting, later }: Tally,
  hasEnded: (pod: Stored<Pod>) => boolean,
  ending: Outcome | undefined,
): Stored<Pod>[] {
  const toRelease: Stored<Pod>[] = [];
  let room = uidsMax - waiting.succeeded.size - waiting.failed.size;
  for (const pod of tracked) {
    const { uid } = pod.metadata;
    // A pod that was being deleted and then succeeded keeps the outcome in the status.
    const isWritten = waiting.succeeded.has(uid) || waiting.failed.has(uid);
    const kind = isWritten ? undefined : countsAs(job, pod, ending);
    if (hasEnded(pod) && (isWritten || room > 0)) {
      toRelease.push(pod);
      if (!isWritten) room--;
      if (kind) waiting[kind].add(uid);
    } else if (kind) later[kind]++;
  }
  return toRelease;
}

/** Successes of an Indexed Job are counted by their indexes. */
function countsAs(job: Job, pod: Pod, ending: Outcome | undefined): 'succeeded' | 'failed' | undefined {
  if (pod.status?.phase === 'Succeeded') return isIndexed(job) ? undefined : 'succeeded';
  const isFailure = ending === 'Failed' || hasFailed(job, pod);
  return isFailure && hasPlace(job, pod) && isCounted(job, pod) ? 'failed' : undefined;
}

function carriedOver({ status = {} }: Job, tracked: ReadonlySet<string>): Tally {
  const { succeeded = 0, failed = 0, uncountedTerminatedPods: before = {} } = status;
  const waiting = { succeeded: new Set<string>(), failed: new Set<string>() };
  const tally: Tally = { succeeded, failed, waiting, later: { succeeded: 0, failed: 0 } };
  for (const kind of ['succeeded', 'failed'] as const) {
    for (const uid of before[kind] ?? []) tracked.has(uid) ? tally.waiting[kind].add(uid) : tally[kind]++;
  }
  return tally;
}

function completedIndexes(job: Job, tracked: readonly Stored<Pod>[]): IndexRanges {
  if (!isIndexed(job)) return IndexRanges.none;
  const before = IndexRanges.parse(job.status?.completedIndexes, job.spec?.completions);
  const succeeded = tracked.filter(({ status }) => status?.phase === 'Succeeded');
  return before.with(succeeded.flatMap((pod) => validIndexOf(job, pod) ?? []));
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
