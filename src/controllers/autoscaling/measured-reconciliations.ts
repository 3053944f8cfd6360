/** How long each reconciliation of an autoscaler takes; one that scales lasts until the scale has been written. */

import type { Clock } from '#base/clock.ts';
import { type AutoscalerMetrics, actionOf, type ReconcileError } from './autoscaler-metrics.ts';
import type { Decision, Rescale } from './decide/decide.ts';

interface Scaling {
  readonly beganMs: number;
  readonly isFaulty: boolean;
}

export class MeasuredReconciliations {
  readonly #clock: Clock;
  readonly #metrics: AutoscalerMetrics;
  /** By key: the reconciliations whose scale is being written. */
  readonly #scalings = new Map<string, Scaling>();

  constructor(clock: Clock, metrics: AutoscalerMetrics) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** `beganMs` is monotonic. */
  decided(
    key: string,
    beganMs: number,
    { rescale, status, isFaulty }: Pick<Decision, 'rescale' | 'status' | 'isFaulty'>,
  ): void {
    if (rescale) {
      this.#scalings.set(key, { beganMs, isFaulty });
      return;
    }
    if (!isFaulty) this.#metrics.wants(key, status.desiredReplicas);
    this.ended(beganMs, isFaulty ? 'internal' : 'none');
  }

  /** Ended without a change of the scale. */
  ended(beganMs: number, error: ReconcileError): void {
    this.#metrics.reconciled('none', error, this.#clock.monotonicMs() - beganMs);
  }

  /** The scale was written; `done` is absent when that failed. */
  scaled(key: string, done?: Rescale): void {
    const scaling = this.#scalings.get(key);
    this.#scalings.delete(key);
    if (!scaling) return;
    const { beganMs, isFaulty } = scaling;
    const action = done ? actionOf(done.from, done.to) : 'none';
    const isFine = done !== undefined && !isFaulty;
    if (done) this.#metrics.wants(key, done.to);
    this.#metrics.reconciled(action, isFine ? 'none' : 'internal', this.#clock.monotonicMs() - beganMs);
  }

  forget(key: string): void {
    this.#scalings.delete(key);
    this.#metrics.forget(key);
  }
}
