/**
 * When the requests under way have to be answered. One timer serves all of them, for they end in the order in
 * which they begin and nearly all are answered long before; only one that has less time than those before it
 * needs its own.
 */

import type { Clock, Timer } from '#base/clock.ts';

export class Deadline {
  /** Its time was up before it was answered. */
  isOver = false;
  readonly endMs: number;
  readonly #late: () => void;

  constructor(endMs: number, late: () => void) {
    this.endMs = endMs;
    this.#late = late;
  }

  end(): void {
    this.isOver = true;
    this.#late();
  }
}

export class Deadlines {
  readonly #clock: Clock;
  /** The earliest end first. */
  readonly #queue = new Set<Deadline>();
  #lastEndMs = 0;
  #timer: Timer | undefined;
  readonly #timers = new Map<Deadline, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `late` at `endMs` of the monotonic clock, unless the request was answered. */
  begin(endMs: number, late: () => void): Deadline {
    const deadline = new Deadline(endMs, late);
    // While the timer runs, also for requests that were answered, it comes too late for this one.
    if (this.#timer && endMs < this.#lastEndMs) {
      this.#timers.set(
        deadline,
        this.#after(endMs, () => this.#end(deadline)),
      );
    } else {
      this.#queue.add(deadline);
      this.#lastEndMs = endMs;
      this.#timer ??= this.#after(endMs, () => this.#endDue());
    }
    return deadline;
  }

  answered(deadline: Deadline): void {
    if (this.#queue.delete(deadline) || this.#timers.size === 0) return;
    this.#timers.get(deadline)?.cancel();
    this.#timers.delete(deadline);
  }

  /**
   * The timer goes on for the first that is not due, if there is one: what was answered meanwhile is gone.
   */
  #endDue(): void {
    this.#timer = undefined;
    for (const deadline of this.#queue) {
      if (deadline.endMs > this.#clock.monotonicMs()) {
        this.#timer = this.#after(deadline.endMs, () => this.#endDue());
        return;
      }
      this.#end(deadline);
    }
  }

  #end(deadline: Deadline): void {
    this.#queue.delete(deadline);
    this.#timers.delete(deadline);
    deadline.end();
  }

  #after(endMs: number, fn: () => void): Timer {
    return this.#clock.after(endMs - this.#clock.monotonicMs(), fn);
  }
}
