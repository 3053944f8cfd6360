/**
 * The lists that are being sent, piece by piece. A server that stops waits for each as long as its client takes
 * pieces of it; a client that has taken nothing for a while does not hold the stop up.
 */

import { type Clock, pause } from '#base/clock.ts';

/** Upstream gives what is still being sent when all has been answered as long. */
const stalledMs = 2000;
const stepMs = 50;

interface ListOnTheWay {
  lastTakenMs: number;
}

export class ListsOnTheWay {
  readonly #clock: Clock;
  readonly #lists = new Set<ListOnTheWay>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `sent` is to be called with each piece, `over` when the list has ended in whatever way. */
  begin(): { sent(): void; over(): void } {
    const list: ListOnTheWay = { lastTakenMs: this.#clock.monotonicMs() };
    this.#lists.add(list);
    return {
      sent: () => {
        list.lastTakenMs = this.#clock.monotonicMs();
      },
      over: () => void this.#lists.delete(list),
    };
  }

  /** Resolves when no list is being sent to a client that takes it, or after `waitMaxMs`. */
  async idle(waitMaxMs: number): Promise<void> {
    const endMs = this.#clock.monotonicMs() + waitMaxMs;
    while (this.#isTaken() && this.#clock.monotonicMs() < endMs) await pause(this.#clock, stepMs);
  }

  #isTaken(): boolean {
    const nowMs = this.#clock.monotonicMs();
    for (const { lastTakenMs } of this.#lists) if (nowMs - lastTakenMs < stalledMs) return true;
    return false;
  }
}
