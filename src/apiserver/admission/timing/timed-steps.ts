/**
 * Runs the plugins of a phase one after the other, and measures each of them and all together. Like `inOrder` it makes no
 * promise as long as no plugin returns one; the clock is read once for each plugin.
 */

import type { Clock } from '#base/clock.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { PhaseDurations } from './admission-metrics.ts';

export interface TimedStep {
  readonly durations: PhaseDurations;
  run(attributes: AdmissionAttributes): Promise<void> | void;
}

export class TimedSteps {
  readonly #clock: Clock;
  readonly #steps: readonly TimedStep[];
  readonly #together: PhaseDurations;

  /** `together`: the durations of all steps. */
  constructor(clock: Clock, steps: readonly TimedStep[], together: PhaseDurations) {
    this.#clock = clock;
    this.#steps = steps;
    this.#together = together;
  }

  run(attributes: AdmissionAttributes): Promise<void> | undefined {
    const beganMs = this.#clock.monotonicMs();
    return this.#runFrom(attributes, 0, beganMs, beganMs);
  }

  #runFrom(
    attributes: AdmissionAttributes,
    from: number,
    beganMs: number,
    stepBeganMs: number,
  ): Promise<void> | undefined {
    let sinceMs = stepBeganMs;
    for (let i = from; i < this.#steps.length; i++) {
      const step = this.#steps[i]!;
      let running: Promise<void> | void;
      try {
        running = step.run(attributes);
      } catch (error) {
        return this.#refused(step, sinceMs, beganMs, error);
      }
      if (running) {
        return running.then(
          () => this.#runFrom(attributes, i + 1, beganMs, this.#ended(step, sinceMs)),
          (error) => this.#refused(step, sinceMs, beganMs, error),
        );
      }
      sinceMs = this.#ended(step, sinceMs);
    }
    this.#together.observe(sinceMs - beganMs, false);
    return undefined;
  }

  /** Returns the time, at which the next step begins. */
  #ended({ durations }: TimedStep, sinceMs: number): number {
    const nowMs = this.#clock.monotonicMs();
    durations.observe(nowMs - sinceMs, false);
    return nowMs;
  }

  #refused({ durations }: TimedStep, sinceMs: number, beganMs: number, error: unknown): never {
    const nowMs = this.#clock.monotonicMs();
    durations.observe(nowMs - sinceMs, true);
    this.#together.observe(nowMs - beganMs, true);
    throw error;
  }
}
