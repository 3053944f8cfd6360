/**
 * The open watches. When the server stops they end: all at once, or spread over upstream's
 * --shutdown-watch-termination-grace-period, so that their clients do not all reconnect at the same moment.
 */

import { type Clock, pause } from '#base/clock.ts';

/** Upstream's minimum. */
const endsPerSecondMin = 200;
const stepMs = 50;

export class OpenWatches {
  readonly #clock: Clock;
  readonly #ends = new Set<() => void>();
  /** The server is stopping: a watch that begins now ends at once. */
  isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `end` is called once, when the server stops, unless the watch is removed before. */
  add(end: () => void): void {
    this.#ends.add(end);
  }

  remove(end: () => void): void {
    this.#ends.delete(end);
  }

  /** Resolves when all have ended. */
  async end(graceMs: number): Promise<void> {
    this.isOver = true;
    const perSecond = Math.max(endsPerSecondMin, (this.#ends.size * 1000) / graceMs);
    const perStep = graceMs > 0 ? Math.ceil((perSecond * stepMs) / 1000) : Number.POSITIVE_INFINITY;
    this.#endSome(perStep);
    while (this.#ends.size > 0) {
      await pause(this.#clock, stepMs);
      this.#endSome(perStep);
    }
  }

  #endSome(countMax: number): void {
    let ended = 0;
    for (const end of this.#ends) {
      if (ended++ >= countMax) return;
      this.#ends.delete(end);
      end();
    }
  }
}
