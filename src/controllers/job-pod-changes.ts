/**
 * Which pods of a Job are to go or to come: those that are too many go first; else as many come as parallelism and what
 * is left to complete ask for, held back after failures, of the job or of their index.
 */

import type { Stored } from '#api/object.ts';
import type { Job, Pod } from '#api/types.gen.ts';
import { nothingAgainMs, planChangesMax } from '#client/write-pace.ts';
import { rankForDeletion } from './deletion-ranking.ts';
import { backoffLeftMs } from './job-backoff.ts';
import { isIndexed, type JobCounts } from './job-counts.ts';
import { replacesOnlyEnded } from './job-failure-policy.ts';
import type { RecentFailures } from './job-failures.ts';
import { indexBackoffMs } from './job-index-failures.ts';
import { IndexRanges } from './job-index-ranges.ts';
import { indexOf, validIndexOf } from './job-indexes.ts';

/** Either pods to remove or, by index where there are indexes, pods to make. */
export interface PodChanges {
  readonly remove: readonly Stored<Pod>[];
  readonly create: readonly (number | undefined)[];
  /** How long failures hold back pods that are wanted. */
  readonly waitMs: number;
}

export const noChanges: PodChanges = { remove: [], create: [], waitMs: 0 };

/** `isOver`: it is known how the job ends, so none of its pods is wanted. */
export function podChanges(
  job: Stored<Job>,
  counts: JobCounts,
  failures: RecentFailures,
  isOver: boolean,
  nowMs: number,
  allowance: (wanted: number) => number,
): PodChanges {
  // What becomes of the pods of a deleted job is the garbage collector's to say.
  if (!isOver && job.metadata.deletionTimestamp) return noChanges;
  const wanted = isOver || job.spec?.suspend ? 0 : wantedActive(job, counts);
  const remove = surplus(job, counts, counts.active.length - wanted, nowMs).slice(0, planChangesMax);
  if (remove.length > 0) return { ...noChanges, remove };
  const blocked = replacesOnlyEnded(job) ? counts.terminating.length : 0;
  const missing = wanted - blocked - counts.active.length;
  if (missing <= 0) return noChanges;
  const waitMs = counts.indexFailures ? 0 : backoffLeftMs(failures.count, failures.lastAtMs, nowMs);
  if (waitMs > 0) return { ...noChanges, waitMs };
  const count = allowance(missing);
  if (count === 0) return { ...noChanges, waitMs: nothingAgainMs };
  if (counts.indexFailures) return createByIndex(job, counts, count, nowMs);
  return { ...noChanges, create: freeIndexes(job, counts, count) };
}

function wantedActive(job: Job, counts: JobCounts): number {
  const { completions, parallelism = 1 } = job.spec ?? {};
  if (completions !== undefined) return Math.max(0, Math.min(parallelism, completions - counts.succeeded));
  return counts.succeeded > 0 ? counts.active.length : parallelism;
}

/** At least so many: pods of an Indexed Job without a place of their own go in any case. */
function surplus(job: Job, { active }: JobCounts, count: number, nowMs: number): Stored<Pod>[] {
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

/** Each index waits for itself. */
function createByIndex(job: Job, counts: JobCounts, missing: number, nowMs: number): PodChanges {
  const create: number[] = [];
  const waits: number[] = [];
  for (const index of freeIndexes(job, counts, missing) as number[]) {
    const waitMs = indexBackoffMs(counts.indexFailures?.toReplace.get(index), nowMs);
    if (waitMs > 0) waits.push(waitMs);
    else create.push(index);
  }
  return { remove: [], create, waitMs: waits.length > 0 ? Math.min(...waits) : 0 };
}

/** The lowest indexes that have neither ended nor run; for other jobs just as many nothings. */
function freeIndexes(job: Job, counts: JobCounts, count: number): (number | undefined)[] {
  if (!isIndexed(job)) return Array.from({ length: count }, () => undefined);
  const inUse = replacesOnlyEnded(job) ? [...counts.active, ...counts.terminating] : counts.active;
  const taken = counts.completedIndexes
    .with(inUse.flatMap((pod) => indexOf(pod) ?? []))
    .withRanges(counts.indexFailures?.failed ?? IndexRanges.none);
  return taken.missing(count, job.spec?.completions ?? 0);
}
