/** Runs the steps of a start one after the other and reports each to a listener. */

import type { Clock } from '#base/clock.ts';

export interface StepListener {
  plan(titles: readonly string[]): void;
  done(title: string, durationMs: number): void;
  /** A warning: nothing failed. */
  warn(text: string): void;
}

/** A failed step, with the step's title before the reason. */
export class StepError extends Error {
  override name = 'StepError';
}

export class Steps {
  readonly #clock: Clock;
  readonly #listener: StepListener | undefined;

  /** `titles`: of all steps that will be run, in order. */
  constructor(titles: readonly string[], clock: Clock, listener?: StepListener) {
    this.#clock = clock;
    this.#listener = listener;
    listener?.plan(titles);
  }

  async run<T>(title: string, step: () => T | Promise<T>): Promise<T> {
    const beganMs = this.#clock.monotonicMs();
    const result = await resultOf(title, step);
    this.#listener?.done(title, this.#clock.monotonicMs() - beganMs);
    return result;
  }
}

async function resultOf<T>(title: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new StepError(`${title}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
