/** Which timer of a clock for tests fires next. */

export interface DueTimer {
  readonly dueMs: number;
  /** Timers that are due at the same time fire in the order in which they were set. */
  readonly sequence: number;
}

/** Undefined if none is due by `targetMs`. */
export function nextDue<T extends DueTimer>(timers: Iterable<T>, targetMs: number): T | undefined {
  let next: T | undefined;
  for (const timer of timers) {
    if (timer.dueMs <= targetMs && (!next || isBefore(timer, next))) next = timer;
  }
  return next;
}

function isBefore(a: DueTimer, b: DueTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence);
}
