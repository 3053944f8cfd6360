/**
 * The last due time of a CronJob, by upstream's estimate: the number of missed times follows from the
 * interval of the first two, and only the end of a long pause is enumerated.
 */

import type { CronJob } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { CronSchedule } from './schedule.ts';

export interface Due {
  /** Undefined when nothing is due. */
  readonly atMs: number | undefined;
  readonly missed: number;
}

/** Undefined when the schedule is never due, as for February 31st. */
export function lastDue(
  { metadata, spec, status }: Stored<CronJob>,
  schedule: CronSchedule,
  nowMs: number,
): Due | undefined {
  const sinceMs = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
  const deadlineSeconds = spec?.startingDeadlineSeconds;
  // Older times are not started any more.
  const fromMs = deadlineSeconds === undefined ? sinceMs : Math.max(sinceMs, nowMs - deadlineSeconds * 1000);
  const firstMs = schedule.next(fromMs);
  if (firstMs === undefined) return undefined;
  if (nowMs < firstMs) return { atMs: undefined, missed: 0 };
  const secondMs = schedule.next(firstMs);
  if (secondMs === undefined) return undefined;
  if (nowMs < secondMs) return { atMs: firstMs, missed: 0 };
  const betweenMs = secondMs - firstMs;
  const missed = Math.floor((nowMs - firstMs) / betweenMs) + 1;
  let atMs: number | undefined;
  // One interval back, for schedules whose times are not evenly spaced.
  let next = schedule.next(firstMs + (missed - 2) * betweenMs);
  for (; next !== undefined && next <= nowMs; next = schedule.next(next)) atMs = next;
  return { atMs, missed };
}
