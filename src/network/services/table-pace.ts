/** Limits how often the table is written: a few times at once, then evenly. */

import type { Clock } from '#base/clock.ts';

/**
 * Each write runs a program, and while many pods start or end there would be one for each change. Upstream
 * writes two, then one a second.
 */
const tablesMax = 3;
const withinMs = 750;

export class TablePace {
  readonly #clock: Clock;
  /** Times of the last writes, the oldest first. */
  readonly #writtenAtMs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  written(): void {
    this.#writtenAtMs.push(this.#clock.monotonicMs());
    if (this.#writtenAtMs.length > tablesMax) this.#writtenAtMs.shift();
  }

  /** Milliseconds until the next write is allowed. */
  pauseMs(): number {
    if (this.#writtenAtMs.length < tablesMax) return 0;
    return Math.max(0, this.#writtenAtMs[0]! + withinMs - this.#clock.monotonicMs());
  }
}
