/** Counts the requests under way, so that a shutdown can wait for them. */

import type { Clock } from '#base/clock.ts';

export class RequestWaitGroup {
  readonly #clock: Clock;
  #running = 0;
  #onIdle: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#running++;
  }

  end(): void {
    this.#running--;
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Resolves when no request is under way, or after `waitMaxMs`. */
  idle(waitMaxMs: number): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.after(waitMaxMs, resolve);
      this.#onIdle.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
