/** Bounds how often the table is written: a few times at once, then evenly. */

import type { Clock } from '#base/clock.ts';

/** Each table needs a program, and while many pods start or end each of their changes would. Upstream writes two, then one a second. */
const tablesMax = 3;
const withinMs = 750;

export class TablePace {
  readonly #clock: Clock;
  /** When the last ones were written, the oldest first. */
  readonly #writtenAtMs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  written(): void {
    this.#writtenAtMs.push(this.#clock.monotonicMs());
    if (this.#writtenAtMs.length > tablesMax) this.#writtenAtMs.shift();
  }

  /** Until the next one. */
  pauseMs(): number {
    if (this.#writtenAtMs.length < tablesMax) return 0;
    return Math.max(0, this.#writtenAtMs[0]! + withinMs - this.#clock.monotonicMs());
  }
}
