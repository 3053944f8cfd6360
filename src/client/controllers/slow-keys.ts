/**
 * Lets a worker leave a key whose writes take long, because a webhook or a full disk keeps them, and go on with the
 * next: five namespaces with a webhook that hangs must not keep all others waiting.
 */

import type { Clock } from '#base/clock.ts';

const slowMs = 1_000;

export class SlowKeys {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #left = new Set<Promise<void>>();

  /** At most `max` keys have been left and are not done at any time. */
  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  /** Resolves when the work, which never rejects, has ended or is left to itself. */
  async endOrLeave(work: Promise<void>): Promise<void> {
    if (this.#max === 0) return work;
    const slow = Promise.withResolvers<void>();
    const timer = this.#clock.after(slowMs, () => {
      if (this.#left.size >= this.#max) return;
      this.#left.add(work);
      void work.then(() => this.#left.delete(work));
      slow.resolve();
    });
    await Promise.race([work, slow.promise]);
    timer.cancel();
  }

  /** Resolves when all work that was left has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#left);
  }
}
