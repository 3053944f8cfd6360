/**
 * Counts the pods of a Job so that each ended pod counts once, whatever is deleted or crashes in between: an ended pod's
 * uid is written into the status first, then its finalizer is taken away, and only when that is seen does the uid turn
 * into a number.
 */

import type { Stored } from '#api/object.ts';
import type { Job, JobStatus, Pod } from '#api/types.gen.ts';
import { formatIndexes, indexOf, parseIndexes } from './job-indexes.ts';
import { isPodActive, isPodReady, isPodTerminal } from './pod-state.ts';

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export interface JobCounts {
  readonly active: readonly Stored<Pod>[];
  readonly terminating: number;
  readonly ready: number;
  /** Including those whose uids are still written out. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  /** The number fields of the status, and the uids. */
  readonly status: Pick<JobStatus, 'succeeded' | 'failed' | 'uncountedTerminatedPods' | 'completedIndexes'>;
  /** Ended pods that have been written down and may go. */
  readonly toRelease: readonly Stored<Pod>[];
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata?.finalizers?.includes(trackingFinalizer) ?? false;
}

export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

export function countPods(job: Job, pods: readonly Stored<Pod>[]): JobCounts {
  const replacesOnlyFailed = job.spec?.podReplacementPolicy === 'Failed';
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid, pod]));
  const before = job.status?.uncountedTerminatedPods ?? {};
  let succeeded = job.status?.succeeded ?? 0;
  let failed = job.status?.failed ?? 0;
  const waiting = { succeeded: new Set<string>(), failed: new Set<string>() };
  for (const uid of before.succeeded ?? []) tracked.has(uid) ? waiting.succeeded.add(uid) : succeeded++;
  for (const uid of before.failed ?? []) tracked.has(uid) ? waiting.failed.add(uid) : failed++;

  const completed = parseIndexes(job.status?.completedIndexes);
  const toRelease: Stored<Pod>[] = [];
  for (const [uid, pod] of tracked) {
    const phase = pod.status?.phase;
    const isGoing = pod.metadata.deletionTimestamp !== undefined;
    if (phase === 'Succeeded') {
      toRelease.push(pod);
      const index = indexOf(pod);
      if (!isIndexed(job)) waiting.succeeded.add(uid);
      else if (index !== undefined) completed.add(index);
    } else if (phase === 'Failed' || (isGoing && !replacesOnlyFailed)) {
      toRelease.push(pod);
      waiting.failed.add(uid);
    }
  }
  if (isIndexed(job)) succeeded = completed.size;
  const active = pods.filter(isPodActive);
  const uids = {
    ...(waiting.succeeded.size > 0 ? { succeeded: [...waiting.succeeded] } : {}),
    ...(waiting.failed.size > 0 ? { failed: [...waiting.failed] } : {}),
  };
  return {
    active,
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp && !isPodTerminal(pod)).length,
    ready: active.filter(isPodReady).length,
    succeeded: succeeded + waiting.succeeded.size,
    failed: failed + waiting.failed.size,
    completedIndexes: completed,
    status: {
      ...(succeeded > 0 ? { succeeded } : {}),
      ...(failed > 0 ? { failed } : {}),
      uncountedTerminatedPods: uids,
      ...(isIndexed(job) && completed.size > 0 ? { completedIndexes: formatIndexes(completed) } : {}),
    },
    toRelease,
  };
}

/** How long failures hold back new pods: 10 s for the first since a success, doubling to ten minutes. */
export function failureBackoffMs(pods: readonly Stored<Pod>[], nowMs: number): number {
  const ended = pods.filter(isPodTerminal).map((pod) => ({ pod, atMs: endedAtMs(pod) }));
  ended.sort((a, b) => b.atMs - a.atMs);
  const sinceSuccess = ended.findIndex(({ pod }) => pod.status?.phase === 'Succeeded');
  const failures = sinceSuccess === -1 ? ended.length : sinceSuccess;
  if (failures === 0) return 0;
  const backoffMs = Math.min(10_000 * 2 ** (failures - 1), 600_000);
  return Math.max(0, ended[0]!.atMs + backoffMs - nowMs);
}

function endedAtMs(pod: Stored<Pod>): number {
  const times = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => {
    const at = (state?.terminated as { finishedAt?: string } | undefined)?.finishedAt;
    return at ? [Date.parse(at)] : [];
  });
  return Math.max(Date.parse(pod.metadata.creationTimestamp), ...times);
}
