/**
 * Keeps work that never waits for anything from holding the event loop: a turn of the loop has a budget of time, and
 * work beyond it goes on in a later turn, after sockets and timers have been served.
 */

import { type Clock, nextTurn } from './clock.ts';

/** What one piece of work may take of a turn. */
const turnBudgetMs = 10;

export class Turns {
  readonly #clock: Clock;
  readonly #budgetMs: number;
  #endMs: number | undefined;

  constructor(clock: Clock, budgetMs = turnBudgetMs) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
  }

  /** Whether this turn's budget is used up; the first question of a turn begins it. */
  get isSpent(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (this.#endMs === undefined) {
      this.#endMs = nowMs + this.#budgetMs;
      this.#clock.nextTurn(() => {
        this.#endMs = undefined;
      });
    }
    return nowMs >= this.#endMs;
  }

  /** Resolves in a turn that has budget left. */
  async next(): Promise<void> {
    do await nextTurn(this.#clock);
    while (this.isSpent);
  }
}
