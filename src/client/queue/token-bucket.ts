/** A token bucket: `burst` at once, `perSecond` after that. */

import type { Clock } from '#base/clock.ts';

export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAtMs = clock.monotonicMs();
  }

  /** Number of tokens that can be taken without waiting. */
  get available(): number {
    this.#fill();
    return Math.max(0, Math.floor(this.#tokens));
  }

  /** Takes up to as many as are available; a negative count returns tokens. */
  take(count: number): void {
    this.#fill();
    this.#tokens = Math.min(this.#burst, this.#tokens - count);
  }

  /** Takes a token, on credit if there is none; returns the time until it is available. */
  reserveMs(): number {
    this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  /** Takes a token if there is one. */
  tryTake(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #fill(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond,
    );
    this.#filledAtMs = nowMs;
  }
}
