/**
 * When the failed keys of a queue come back: each after a delay that doubles from 5 ms to 1000 s, and all
 * together at 10 a second beyond a burst of 100, upstream's limits.
 *
 * A key takes its token when its delay is over, and gives it back when it is handed out for another reason before
 * its turn. So keys that lose a race many times a second, each time woken by the change that won it, do not put
 * off the retries of the others.
 */

import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import type { Clock, Timer } from '#base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

const retry: BackOffLimits = { initialMs: 5, maxMs: 1_000_000 };
const retriesPerSecond = 10;
const retryBurst = 100;

interface Waiting {
  readonly timer: Timer;
  /** The delay is over: the key waits for its turn. */
  readonly hasToken: boolean;
}

export class Retries {
  readonly #clock: Clock;
  readonly #comeBack: (key: string) => void;
  readonly #bucket: TokenBucket;
  readonly #failures = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock, comeBack: (key: string) => void) {
    this.#clock = clock;
    this.#comeBack = comeBack;
    this.#bucket = new TokenBucket(clock, retriesPerSecond, retryBurst);
  }

  failed(key: string): void {
    const failures = this.of(key) + 1;
    this.#failures.set(key, failures);
    this.supersede(key);
    this.#wait(key, backOffMs(retry, failures), false);
  }

  /** How often the key has failed since it last succeeded. */
  of(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The key is handed out without its retry. */
  supersede(key: string): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waiting.delete(key);
    waiting.timer.cancel();
    if (waiting.hasToken) this.#bucket.take(-1);
  }

  stop(): void {
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
  }

  #wait(key: string, delayMs: number, hasToken: boolean): void {
    const timer = this.#clock.after(delayMs, () => {
      this.#waiting.delete(key);
      const turnMs = hasToken ? 0 : this.#bucket.reserveMs();
      if (turnMs > 0) this.#wait(key, turnMs, true);
      else this.#comeBack(key);
    });
    this.#waiting.set(key, { timer, hasToken });
  }
}
