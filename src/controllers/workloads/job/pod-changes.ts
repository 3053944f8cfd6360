/**
 * Which pods of a Job to delete or to create: surplus pods are deleted first; else pods are created up to
 * parallelism and the remaining completions, delayed after failures of the job or of their index.
 */

import type { Job, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import {
  type Allowance,
  type AskAllowance,
  nothingAgainMs,
  planChangesMax,
} from '#client/queue/write-pace.ts';
import { rankForDeletion } from '../../shared/deletion-ranking.ts';
import { backoffLeftMs } from './backoff.ts';
import { isIndexed, type JobCounts } from './counts.ts';
import { replacesOnlyEnded } from './failure-policy.ts';
import { indexBackoffMs } from './index-failures.ts';
import { IndexRanges } from './index-ranges.ts';
import { indexOf, validIndexOf } from './indexes.ts';
import type { RecentFailures } from './recent-failures.ts';

/** Either pods to delete or pods to create, by index if the job has indexes. */
export interface PodChanges {
  readonly remove: readonly Stored<Pod>[];
  readonly create: readonly (number | undefined)[];
  /** How long back-off, or the pace of creations, delays wanted pods. */
  readonly waitMs: number;
  /** The allowance for the creations. */
  readonly allowance?: Allowance;
}

export const noChanges: PodChanges = { remove: [], create: [], waitMs: 0 };

/** `isOver`: the job's outcome is known, so none of its pods is wanted. */
export function podChanges(
  job: Stored<Job>,
  counts: JobCounts,
  failures: RecentFailures,
  isOver: boolean,
  nowMs: number,
  ask: AskAllowance,
): PodChanges {
  // The pods of a deleted job are left to the garbage collector.
  if (!isOver && job.metadata.deletionTimestamp) return noChanges;
  const wanted = isOver || job.spec?.suspend ? 0 : wantedActive(job, counts);
  const remove = surplus(job, counts, counts.active.length - wanted, nowMs).slice(0, planChangesMax);
  if (remove.length > 0) return { ...noChanges, remove };
  const blocked = replacesOnlyEnded(job) ? counts.terminating.length : 0;
  const missing = wanted - blocked - counts.active.length;
  if (missing <= 0) return noChanges;
  const waitMs = counts.indexFailures ? 0 : backoffLeftMs(failures.count, failures.lastAtMs, nowMs);
  if (waitMs > 0) return { ...noChanges, waitMs };
  return creations(job, counts, missing, nowMs, ask);
}

/**
 * The allowance is only requested for pods that can be created now: indexes may be in back-off, or have a
 * terminating pod.
 */
function creations(
  job: Job,
  counts: JobCounts,
  missing: number,
  nowMs: number,
  ask: AskAllowance,
): PodChanges {
  const { indexes, waitMs } = readyIndexes(job, counts, Math.min(missing, planChangesMax), nowMs);
  if (indexes.length === 0) return { ...noChanges, waitMs };
  const allowance = ask(indexes.length);
  if (allowance.count === 0) return { ...noChanges, waitMs: nothingAgainMs };
  return { remove: [], create: indexes.slice(0, allowance.count), waitMs, allowance };
}

function wantedActive(job: Job, counts: JobCounts): number {
  const { completions, parallelism = 1 } = job.spec ?? {};
  if (completions !== undefined) return Math.max(0, Math.min(parallelism, completions - counts.succeeded));
  return counts.succeeded > 0 ? counts.active.length : parallelism;
}

/** At least `count`: duplicate pods of an index are deleted in any case. */
function surplus(job: Job, { active }: JobCounts, count: number, nowMs: number): Stored<Pod>[] {
  const isCrowded = isIndexed(job) && onePerIndex(job, active).size < active.length;
  if (count <= 0 && !isCrowded) return [];
  const ranked = rankForDeletion(active, [], nowMs);
  // Of several pods of one index, the one that would be deleted last stays.
  const placed = isIndexed(job) ? onePerIndex(job, ranked.toReversed()) : new Set(ranked);
  const misplaced = ranked.filter((pod) => !placed.has(pod));
  const others = ranked.filter((pod) => placed.has(pod));
  return [...misplaced, ...others.slice(0, Math.max(0, count - misplaced.length))];
}

/** The first pod of each index. */
function onePerIndex(job: Job, pods: readonly Stored<Pod>[]): Set<Stored<Pod>> {
  const placed = new Map<number, Stored<Pod>>();
  for (const pod of pods) {
    const index = validIndexOf(job, pod);
    if (index !== undefined && !placed.has(index)) placed.set(index, pod);
  }
  return new Set(placed.values());
}

/** The lowest free indexes that are not in back-off, and how long until the next one is not. */
function readyIndexes(job: Job, counts: JobCounts, count: number, nowMs: number) {
  const indexes: (number | undefined)[] = [];
  let waitMs = 0;
  for (const index of freeIndexes(job, counts, count)) {
    const replaced = index === undefined ? undefined : counts.indexFailures?.toReplace.get(index);
    const leftMs = indexBackoffMs(replaced, nowMs);
    if (leftMs === 0) indexes.push(index);
    else waitMs = waitMs === 0 ? leftMs : Math.min(waitMs, leftMs);
  }
  return { indexes, waitMs };
}

/**
 * The lowest indexes that are neither finished nor running; undefined, repeated, for a job without indexes.
 */
function freeIndexes(job: Job, counts: JobCounts, count: number): (number | undefined)[] {
  if (!isIndexed(job)) return Array.from({ length: count }, () => undefined);
  const inUse = replacesOnlyEnded(job) ? [...counts.active, ...counts.terminating] : counts.active;
  const taken = counts.completedIndexes
    .with(inUse.flatMap((pod) => indexOf(pod) ?? []))
    .withRanges(counts.indexFailures?.failed ?? IndexRanges.none);
  return taken.missing(count, job.spec?.completions ?? 0);
}
