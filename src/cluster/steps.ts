/** Runs the steps of a start one after the other and reports each to a listener. */

import type { Clock } from '#base/clock.ts';

export interface Step {
  readonly title: string;
  run(): Promise<void>;
}

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

export async function runSteps(steps: readonly Step[], clock: Clock, listener?: StepListener): Promise<void> {
  listener?.plan(steps.map((step) => step.title));
  for (const step of steps) {
    const beganMs = clock.monotonicMs();
    try {
      await step.run();
    } catch (error) {
      throw new StepError(`${step.title}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    listener?.done(step.title, clock.monotonicMs() - beganMs);
  }
}
