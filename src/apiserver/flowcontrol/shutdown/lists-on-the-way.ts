/**
 * The lists that are being sent, piece by piece. A shutdown waits for each list as long as its client reads it; a
 * client that has read nothing for a while does not delay the shutdown.
 */

import { type Clock, pause } from '#base/clock.ts';

/** As upstream waits for connections that are still active after the drain. */
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

  /** Call `sent` with each piece, and `over` when the list has ended, successfully or not. */
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

  /** Resolves when no list is being sent to a client that reads it, or after `waitMaxMs`. */
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
