/**
 * Deadlines of the requests under way. A single timer serves nearly all of them, since they end in the order in
 * which they begin, and most requests are answered long before. Only a request whose deadline is earlier than that
 * of an earlier request has a timer of its own.
 */

import type { Clock, Timer } from '#base/clock.ts';
import { LinkedList, type Place } from '#base/collections/linked-list.ts';

/** The message of the 504 for a request that is not answered by its deadline. */
export const lateText = 'request did not complete within the allotted timeout';

export class Deadline {
  /** The deadline passed before the request was answered. */
  isOver = false;
  /** In the queue of the shared timer; undefined where it has a timer of its own. */
  place: Place<Deadline> | undefined;
  timer: Timer | undefined;
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
  readonly #queue = new LinkedList<Deadline>();
  #lastEndMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `late` at `endMs` of the monotonic clock, unless the request was answered. */
  begin(endMs: number, late: () => void): Deadline {
    const deadline = new Deadline(endMs, late);
    // The shared timer, which keeps running for answered requests, would fire too late for this request.
    if (this.#timer && endMs < this.#lastEndMs) {
      deadline.timer = this.#after(endMs, () => deadline.end());
    } else {
      deadline.place = this.#queue.add(deadline);
      this.#lastEndMs = endMs;
      this.#timer ??= this.#after(endMs, () => this.#endDue());
    }
    return deadline;
  }

  answered(deadline: Deadline): void {
    if (deadline.place) this.#queue.remove(deadline.place);
    deadline.timer?.cancel();
  }

  /** Starts the timer again for the first deadline that is not due; answered requests have left the queue. */
  #endDue(): void {
    this.#timer = undefined;
    for (const deadline of this.#queue) {
      if (deadline.endMs > this.#clock.monotonicMs()) {
        this.#timer = this.#after(deadline.endMs, () => this.#endDue());
        return;
      }
      this.#queue.remove(deadline.place!);
      deadline.end();
    }
  }

  #after(endMs: number, fn: () => void): Timer {
    return this.#clock.after(endMs - this.#clock.monotonicMs(), fn);
  }
}
