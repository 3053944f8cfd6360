/**
 * A queue that holds each key at most once, and never gives a key to two workers at the same time.
 *
 * A key added while in progress is handed out again when its worker is done. Failed keys return after a delay
 * that doubles from 5 ms to 1000 s; all retries together are limited to 10 a second beyond a burst of 100.
 */

import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import type { Clock, Timer } from '#base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

const retry: BackOffLimits = { initialMs: 5, maxMs: 1_000_000 };
const retriesPerSecond = 10;
const retryBurst = 100;

export class WorkQueue {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #ready = new Set<string>();
  /** Keys added while in progress. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { atMs: number; timer: Timer }>();
  readonly #waiting: ((key: string | undefined) => void)[] = [];
  readonly #resting = new Set<Timer>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, retriesPerSecond, retryBurst);
  }

  get length(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    if (this.#processing.has(key)) {
      this.#dirty.add(key);
      return;
    }
    const taker = this.#ready.has(key) ? undefined : this.#waiting.shift();
    if (!taker) {
      this.#ready.add(key);
      return;
    }
    this.#processing.add(key);
    taker(key);
  }

  /** If the key has a delay already, the earlier time holds. */
  addAfter(key: string, delayMs: number): void {
    if (this.#stopped) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const atMs = this.#clock.monotonicMs() + delayMs;
    const pending = this.#timers.get(key);
    if (pending && pending.atMs <= atMs) return;
    pending?.timer.cancel();
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { atMs, timer });
  }

  addRateLimited(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.addAfter(key, Math.max(backOffMs(retry, failures), this.#bucket.reserveMs()));
  }

  /** The key succeeded: its next failure starts with the shortest delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, to be returned with `done`; undefined after the queue is shut down. */
  get(): Promise<string | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    for (const key of this.#ready) {
      this.#ready.delete(key);
      this.#processing.add(key);
      return Promise.resolve(key);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
  }

  /** Additions until then are handed out then, once. */
  doneAfter(key: string, restMs: number): void {
    if (this.#stopped || restMs <= 0) {
      this.done(key);
      return;
    }
    const timer = this.#clock.after(restMs, () => {
      this.#resting.delete(timer);
      this.done(key);
    });
    this.#resting.add(timer);
  }

  shutDown(): void {
    this.#stopped = true;
    for (const timer of this.#resting) timer.cancel();
    this.#resting.clear();
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#ready.clear();
    this.#dirty.clear();
    for (const taker of this.#waiting.splice(0)) taker(undefined);
  }
}
