/** Refreshes cached values by key: at once when a key is enqueued, then at an interval, sooner after a failure. */

import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import type { Clock } from '#base/clock.ts';
import { WorkQueue } from '#client/queue/work-queue.ts';

export interface RefreshIntervals {
  readonly refreshMs: number;
  /** After the first failure; each further one doubles it. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** How many keys are refreshed at the same time: a server that hangs occupies a place until its time is up. */
  readonly workers: number;
}

/** `over` ends the refreshing of a key until it is enqueued again. Rejects for a retry. */
export type Refresh = (key: string) => Promise<'again' | 'over'>;

export class RefreshLoop {
  readonly #intervals: RefreshIntervals;
  readonly #retry: BackOffLimits;
  readonly #refresh: Refresh;
  readonly #queue: WorkQueue;
  readonly #failures = new Map<string, number>();

  constructor(clock: Clock, intervals: RefreshIntervals, refresh: Refresh) {
    this.#intervals = intervals;
    this.#retry = { initialMs: intervals.retryMs, maxMs: intervals.retryMsMax };
    this.#refresh = refresh;
    this.#queue = new WorkQueue(clock);
  }

  start(): void {
    for (let i = 0; i < this.#intervals.workers; i++) void this.#work();
  }

  stop(): void {
    this.#queue.shutDown();
  }

  now(key: string): void {
    this.#queue.add(key);
  }

  after(key: string, delayMs: number): void {
    this.#queue.addAfter(key, delayMs);
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      const next = await this.#refresh(key).then(
        (next) => this.#succeeded(key, next),
        () => this.#failed(key),
      );
      this.#queue.done(key);
      if (next !== undefined) this.#queue.addAfter(key, next);
    }
  }

  #succeeded(key: string, next: 'again' | 'over'): number | undefined {
    this.#failures.delete(key);
    return next === 'again' ? this.#intervals.refreshMs : undefined;
  }

  #failed(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return backOffMs(this.#retry, failures);
  }
}
