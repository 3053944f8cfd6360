/** Work that is done again and again, with a pause after each run, until it is stopped. */

import type { Clock, Timer } from './clock.ts';

export class Repeater {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #run: () => Promise<void> | void;
  #timer: Timer | undefined;
  #isStopped = false;

  /** `run` reports its own errors: it neither throws nor rejects. */
  constructor(clock: Clock, pauseMs: number, run: () => Promise<void> | void) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#run = run;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Does nothing after `stop`. */
  start(firstInMs: number = this.#pauseMs): void {
    if (!this.#isStopped) this.#timer = this.#clock.after(firstInMs, () => this.#turn());
  }

  /** A run under way ends by itself, and is the last. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #turn(): void {
    const running = this.#run();
    if (running) void running.then(() => this.start());
    else this.start();
  }
}
