/** Waiting times that grow with every failure and shrink back after a quiet while. */

import type { Env } from '#base/env.ts';

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Up to so much of the delay is added by chance: 1 doubles it at most. */
  readonly jitter: number;
  /** A pause this long since the last failure starts again from the beginning. */
  readonly resetAfterMs: number;
}

export class Backoff {
  readonly #env: Env;
  readonly #options: BackoffOptions;
  #delayMs: number;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(env: Env, options: BackoffOptions) {
    this.#env = env;
    this.#options = options;
    this.#delayMs = options.initialMs;
  }

  /** How long to wait now. */
  nextMs(): number {
    const nowMs = this.#env.clock.monotonicMs();
    const { initialMs, maxMs, jitter, resetAfterMs } = this.#options;
    if (nowMs - this.#lastAtMs > resetAfterMs) this.#delayMs = initialMs;
    this.#lastAtMs = nowMs;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(delayMs * 2, maxMs);
    return delayMs * (1 + jitter * this.#env.random.float());
  }
}

/** What reflectors wait between failures, as client-go does. */
export const reflectorBackoff: BackoffOptions = {
  initialMs: 800,
  maxMs: 30_000,
  jitter: 1,
  resetAfterMs: 120_000,
};
