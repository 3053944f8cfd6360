/** Two kinds of histograms: of observed values, and of a ratio over time. */

import { Observations } from '#base/metrics/histogram.ts';

/** Observed in the unit that is published. */
export class Samples extends Observations {
  constructor(bounds: readonly number[]) {
    super(bounds, 1);
  }
}

/** Upstream's timing histogram: it observes at the end of every nanosecond. */
export class TimedRatio extends Samples {
  #numerator = 0;
  #denominator = 1;
  #sinceMs: number;

  constructor(buckets: readonly number[], nowMs: number) {
    super(buckets);
    this.#sinceMs = nowMs;
  }

  set(numerator: number, nowMs: number): void {
    if (numerator === this.#numerator) return;
    this.advance(nowMs);
    this.#numerator = numerator;
  }

  setDenominator(denominator: number, nowMs: number): void {
    this.advance(nowMs);
    this.#denominator = denominator;
  }

  advance(nowMs: number): void {
    const nanoseconds = Math.round((nowMs - this.#sinceMs) * 1e6);
    this.#sinceMs = nowMs;
    if (nanoseconds > 0) this.observe(this.#numerator / this.#denominator, nanoseconds);
  }
}
