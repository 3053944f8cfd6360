/** How long the keys of one work queue wait and are worked on, and how many there were. */

import type { Clock } from '#base/clock.ts';
import type { Observations } from '#base/metrics/histogram.ts';

export interface QueueObservations {
  readonly waits: Observations;
  readonly work: Observations;
}

export class QueueTimes {
  adds = 0;
  retries = 0;
  /** Set by what publishes them; without it times are not kept. */
  observations: QueueObservations | undefined;
  readonly #clock: Clock;
  readonly #addedMs = new Map<string, number>();
  readonly #begunMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  added(key: string): void {
    this.adds++;
    if (this.observations) this.#addedMs.set(key, this.#clock.monotonicMs());
  }

  begun(key: string): void {
    if (!this.observations) return;
    const nowMs = this.#clock.monotonicMs();
    this.#begunMs.set(key, nowMs);
    const addedMs = this.#addedMs.get(key);
    this.#addedMs.delete(key);
    if (addedMs !== undefined) this.observations.waits.observe(nowMs - addedMs);
  }

  done(key: string): void {
    const begunMs = this.#begunMs.get(key);
    if (begunMs === undefined) return;
    this.#begunMs.delete(key);
    this.observations?.work.observe(this.#clock.monotonicMs() - begunMs);
  }

  /** No key is waiting any more. */
  cleared(): void {
    this.#addedMs.clear();
  }

  /** How long the keys that are being worked on have been, all together. */
  get unfinishedMs(): number {
    const nowMs = this.#clock.monotonicMs();
    return this.#begunMs.values().reduce((sum, begunMs) => sum + nowMs - begunMs, 0);
  }

  get longestRunningMs(): number {
    const nowMs = this.#clock.monotonicMs();
    return this.#begunMs.values().reduce((longest, begunMs) => Math.max(longest, nowMs - begunMs), 0);
  }
}
