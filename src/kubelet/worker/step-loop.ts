/**
 * Takes the steps of one worker, one after the other, each as soon as it is due.
 *
 * | state    | entered when                                  | left when                                                |
 * | -------- | --------------------------------------------- | -------------------------------------------------------- |
 * | idle     | made; a step has ended and none is due        | `poke`, or the timer that the last step asked for → stepping |
 * | stepping | a step begins                                 | it ends → idle; `poke` → due                             |
 * | due      | `poke` during a step, or the step asks for it | the step ends → stepping                                 |
 * | held     | `hold` while idle                             | `release` → stepping                                     |
 * | stopped  | `stop`, at any time                           | never: a step under way is the last one                  |
 */

import type { Clock, Timer } from '#base/clock.ts';

type State = 'idle' | 'stepping' | 'due' | 'held' | 'stopped';

export class StepLoop {
  readonly #clock: Clock;
  readonly #step: () => Promise<number | undefined>;
  #state: State = 'idle';
  #timer: Timer | undefined;

  /** `step` never rejects. It resolves with the time until the next step, if one is due without a `poke`. */
  constructor(clock: Clock, step: () => Promise<number | undefined>) {
    this.#clock = clock;
    this.#step = step;
  }

  /** Something may have changed: the next step is due. */
  poke(): void {
    if (this.#state === 'idle') void this.#run();
    else if (this.#state === 'stepping') this.#state = 'due';
  }

  /** No step is taken until `release`. */
  hold(): void {
    if (this.#state === 'idle') this.#state = 'held';
  }

  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'idle';
    this.poke();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    do {
      this.#timer?.cancel();
      this.#state = 'stepping';
      const nextInMs = await this.#step();
      if (nextInMs === 0) {
        this.poke();
      } else if (nextInMs !== undefined && !this.#is('stopped')) {
        this.#timer = this.#clock.after(nextInMs, () => this.poke());
      }
    } while (this.#is('due'));
    if (this.#is('stepping')) this.#state = 'idle';
  }

  /** Read again after an await. */
  #is(state: State): boolean {
    return this.#state === state;
  }
}
