/**
 * A queue that holds each key at most once, and never gives a key to two workers at the same time.
 *
 * A key added while in progress is handed out again when its worker is done. Failed keys return at the pace of
 * `retries.ts`, or earlier when they are added for another reason.
 */

import type { Clock, Timer } from '#base/clock.ts';
import { QueueTimes } from './queue-times.ts';
import { Retries } from './retries.ts';

export class WorkQueue {
  readonly times: QueueTimes;
  readonly #clock: Clock;
  readonly #retries: Retries;
  readonly #ready = new Set<string>();
  /** Keys added while in progress. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #timers = new Map<string, { atMs: number; timer: Timer }>();
  readonly #waiting: ((key: string | undefined) => void)[] = [];
  readonly #resting = new Set<Timer>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.times = new QueueTimes(clock);
    this.#retries = new Retries(clock, (key) => this.add(key));
  }

  get length(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    if (this.#processing.has(key)) {
      if (!this.#dirty.has(key)) this.times.added(key);
      this.#dirty.add(key);
      return;
    }
    if (!this.#ready.has(key)) this.times.added(key);
    this.#handOut(key);
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
    if (this.#stopped) return;
    this.times.retries++;
    this.#retries.failed(key);
  }

  /** The key succeeded: its next failure starts with the shortest delay. */
  forget(key: string): void {
    this.#retries.forget(key);
  }

  retries(key: string): number {
    return this.#retries.of(key);
  }

  /** The next key, to be returned with `done`; undefined after the queue is shut down. */
  get(): Promise<string | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    for (const key of this.#ready) {
      this.#ready.delete(key);
      this.#begin(key);
      return Promise.resolve(key);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  done(key: string): void {
    this.times.done(key);
    this.#processing.delete(key);
    if (this.#dirty.delete(key) && !this.#stopped) this.#handOut(key);
  }

  /** Additions until then are handed out then, once. */
  doneAfter(key: string, restMs: number): void {
    if (this.#stopped || restMs <= 0) {
      this.done(key);
      return;
    }
    this.times.done(key);
    const timer = this.#clock.after(restMs, () => {
      this.#resting.delete(timer);
      this.done(key);
    });
    this.#resting.add(timer);
  }

  shutDown(): void {
    this.#stopped = true;
    this.#retries.stop();
    for (const timer of this.#resting) timer.cancel();
    this.#resting.clear();
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#ready.clear();
    this.#dirty.clear();
    this.times.cleared();
    for (const taker of this.#waiting.splice(0)) taker(undefined);
  }

  /** To a worker that waits, or to the next that asks. */
  #handOut(key: string): void {
    this.#retries.supersede(key);
    const taker = this.#ready.has(key) ? undefined : this.#waiting.shift();
    if (!taker) {
      this.#ready.add(key);
      return;
    }
    this.#begin(key);
    taker(key);
  }

  #begin(key: string): void {
    this.#processing.add(key);
    this.times.begun(key);
  }
}
