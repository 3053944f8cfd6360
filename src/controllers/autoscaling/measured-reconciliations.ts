/** How long each reconciliation of an autoscaler takes: until all that it decided has been written, the status last. */

import type { Clock } from '#base/clock.ts';
import {
  type AutoscalerMetrics,
  actionOf,
  type ReconcileError,
  type ScaleAction,
} from './autoscaler-metrics.ts';
import type { Decision, Rescale } from './decide/decide.ts';

interface Reconciliation {
  readonly beganMs: number;
  readonly action: ScaleAction;
  readonly error: ReconcileError;
}

export class MeasuredReconciliations {
  readonly #clock: Clock;
  readonly #metrics: AutoscalerMetrics;
  /** By key: those whose writes are under way. */
  readonly #running = new Map<string, Reconciliation>();

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
    if (!rescale && !isFaulty) this.#metrics.wants(key, status.desiredReplicas);
    this.begun(key, beganMs, isFaulty ? 'internal' : 'none');
  }

  /** Only the status is left to be written. */
  begun(key: string, beganMs: number, error: ReconcileError): void {
    this.#running.set(key, { beganMs, action: 'none', error });
  }

  /** The scale was written; `done` is absent when that failed. */
  scaled(key: string, done?: Rescale): void {
    const running = this.#running.get(key);
    if (!running) return;
    if (done) this.#metrics.wants(key, done.to);
    const result = done ? { action: actionOf(done.from, done.to) } : { error: 'internal' as const };
    this.#running.set(key, { ...running, ...result });
  }

  /** `isReported`: the status did not have to be written, or was. */
  ended(key: string, isReported: boolean): void {
    const running = this.#running.get(key);
    this.#running.delete(key);
    if (!running) return;
    const { beganMs, action, error } = running;
    const whole = isReported || error !== 'none' ? error : 'internal';
    this.#metrics.reconciled(action, whole, this.#clock.monotonicMs() - beganMs);
  }

  forget(key: string): void {
    this.#running.delete(key);
    this.#metrics.forget(key);
  }
}
