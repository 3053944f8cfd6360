/**
 * Shares the thread among long pieces of work, step by step. A turn of the event loop takes each waiting step
 * at most once and ends when its time is up, so that everything else the server has to do comes in between.
 */

import type { Clock } from '#base/clock.ts';

/** What one turn may take before others get theirs. */
const turnMaxMs = 5;
/** The same while connections come in. */
const shortTurnMaxMs = 1;
/** The same after a question that is answered at once. */
const questionTurnMaxMs = 0.2;
/** After such a question, so many turns are short: others like it follow. */
const shortTurns = 20;
/** While connections keep coming in, at most this many turns in a row do no step. */
const skippedTurnsMax = 8;

type Step = () => void;

export class StepQueue {
  /** Turns in which something was done. */
  turns = 0;
  readonly #clock: Clock;
  /**
   * The first steps of work that may be short: they go before the further ones, so that small answers stay
   * quick.
   */
  #first: Step[] = [];
  #further: Step[] = [];
  #isScheduled = false;
  #givesWay = false;
  #skippedTurns = 0;
  #shortTurnsLeft = 0;
  /** What was done at once in this turn. */
  #spentMs = 0;
  #isReset = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In a later turn. A step that wants a further step runs it by this again; none may throw. */
  run(step: Step): void {
    this.#further.push(step);
    this.#schedule();
  }

  /** At once while this turn has time left, else in one of the next. */
  soon<T>(work: () => T): T | Promise<T> {
    const isShort = this.#givesWay || this.#shortTurnsLeft > 0;
    if (this.#spentMs < (isShort ? shortTurnMaxMs : turnMaxMs)) return this.#measured(work);
    return new Promise((resolve, reject) => {
      this.#first.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      this.#schedule();
    });
  }

  /**
   * A connection has come in. The event loop takes one in each of its turns: behind two hundred of them a
   * single question would wait for two hundred turns, so these are kept short.
   */
  giveWay(): void {
    this.#givesWay = true;
  }

  /** A question that is answered at once has come in: the next turns are short, so that others like it need not wait. */
  beShort(): void {
    this.#shortTurnsLeft = shortTurns;
  }

  /** Resolves in a later turn. */
  pause(): Promise<void> {
    return new Promise((resolve) => this.run(resolve));
  }

  #measured<T>(work: () => T): T {
    const startMs = this.#clock.monotonicMs();
    try {
      return work();
    } finally {
      this.#spentMs += this.#clock.monotonicMs() - startMs;
      this.#resetLater();
    }
  }

  #resetLater(): void {
    if (!this.#isReset) return;
    this.#isReset = false;
    this.#clock.nextTurn(() => {
      this.#spentMs = 0;
      this.#isReset = true;
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.nextTurn(() => this.#turn());
  }

  #turnMaxMs(): number {
    if (this.#shortTurnsLeft > 0) return questionTurnMaxMs;
    return this.#skippedTurns > 0 ? shortTurnMaxMs : turnMaxMs;
  }

  /** One further step at least, however many first ones there are. */
  #turn(): void {
    if (this.#givesWay && this.#skippedTurns < skippedTurnsMax) {
      this.#givesWay = false;
      this.#skippedTurns++;
      this.#clock.nextTurn(() => this.#turn());
      return;
    }
    const maxMs = this.#turnMaxMs();
    if (this.#shortTurnsLeft > 0) this.#shortTurnsLeft--;
    this.#skippedTurns = 0;
    this.turns++;
    const endMs = this.#clock.monotonicMs() + maxMs;
    const further = this.#further;
    this.#further = [];
    let taken = 0;
    if (further.length > 0) further[taken++]!();
    while (this.#first.length > 0 && this.#clock.monotonicMs() < endMs) this.#first.shift()!();
    while (taken < further.length && this.#clock.monotonicMs() < endMs) further[taken++]!();
    if (taken < further.length) this.#further = further.slice(taken).concat(this.#further);
    this.#isScheduled = false;
    if (this.#first.length > 0 || this.#further.length > 0) this.#schedule();
  }
}
