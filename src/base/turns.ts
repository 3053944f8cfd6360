/**
 * Keeps computation that never awaits anything from blocking the event loop: each turn of the loop has a time
 * budget, and work beyond it continues in a later turn, after sockets and timers have been served.
 */

import { type Clock, nextTurn } from './clock.ts';

/** Milliseconds of a turn that one piece of work may take. */
const turnBudgetMs = 10;

/** Does each step in a turn that has budget left. Undefined, and no promise is made, when this turn has for all. */
export function inTurns(clock: Clock, steps: Iterable<() => void>): Promise<void> | undefined {
  const turns = new Turns(clock);
  const left = steps[Symbol.iterator]();
  /** Returns whether all are done. */
  const doSteps = () => {
    while (!turns.isSpent) {
      const { done, value: step } = left.next();
      if (done) return true;
      step();
    }
    return false;
  };
  if (doSteps()) return undefined;
  return (async () => {
    do await turns.next();
    while (!doSteps());
  })();
}

export class Turns {
  readonly #clock: Clock;
  readonly #budgetMs: number;
  #endMs: number | undefined;

  constructor(clock: Clock, budgetMs = turnBudgetMs) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
  }

  /** Whether this turn's budget is used up; the first call in a turn starts it. */
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
