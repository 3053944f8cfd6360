/** Counts the requests being answered now, so that a stop can wait for them. */

import { type Clock, nextTurn } from '#base/clock.ts';

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

  /** Resolves when nothing is being answered, or after `waitMaxMs`. */
  async idle(waitMaxMs: number): Promise<void> {
    const endMs = this.#clock.monotonicMs() + waitMaxMs;
    while (this.#running > 0) {
      const leftMs = endMs - this.#clock.monotonicMs();
      if (leftMs <= 0) return;
      await this.#wait(leftMs);
      // The stages of a request have ended before its list begins to be sent.
      await nextTurn(this.#clock);
    }
  }

  #wait(waitMaxMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(waitMaxMs, resolve);
      this.#onIdle.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
