/** Two kinds of histograms: of observed values, and of a ratio over time. */

export class Samples {
  readonly buckets: readonly number[];
  /** By bucket; the last counts values above all buckets. */
  readonly counts: number[];
  sum = 0;

  constructor(buckets: readonly number[]) {
    this.buckets = buckets;
    this.counts = new Array(buckets.length + 1).fill(0);
  }

  /** `weight`: how many times the value is observed. */
  observe(value: number, weight = 1): void {
    let i = 0;
    while (i < this.buckets.length && value > this.buckets[i]!) i++;
    this.counts[i]! += weight;
    this.sum += value * weight;
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
