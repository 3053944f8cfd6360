/** The metrics of the horizontal-pod-autoscaler controller, under upstream's names. */

import type { HorizontalPodAutoscaler } from '#api/generated/types.gen.ts';
import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { exponentialBounds, gauge, type Metric } from '#base/metrics/metric.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import type { Lister } from '#client/informers/informer.ts';

export type ScaleAction = 'scale_up' | 'scale_down' | 'none';

/** `spec`: the autoscaler asks for what there cannot be; `internal`: anything else that failed. */
export type ReconcileError = 'spec' | 'internal' | 'none';

const prefix = 'horizontal_pod_autoscaler_controller';
const bounds = exponentialBounds(0.001, 2, 15);

export class AutoscalerMetrics {
  readonly metrics: readonly Metric[];
  readonly #reconciliations = new Counter(
    `${prefix}_reconciliations_total`,
    'Reconciliations of autoscalers, by what was done and what failed first.',
  );
  readonly #reconciliationTimes = new Histogram({
    name: `${prefix}_reconciliation_duration_seconds`,
    help: 'How long reconciliations of autoscalers took.',
    bounds,
  });
  readonly #computations = new Counter(
    `${prefix}_metric_computation_total`,
    'Metrics of autoscalers that were read and judged, by their type.',
  );
  readonly #computationTimes = new Histogram({
    name: `${prefix}_metric_computation_duration_seconds`,
    help: 'How long it took to read a metric of an autoscaler.',
    bounds,
  });
  #autoscalers: Pick<Lister<HorizontalPodAutoscaler>, 'list'> | undefined;
  /** By key. */
  readonly #desired = new Map<string, number>();

  constructor() {
    this.metrics = [
      this.#reconciliations,
      this.#reconciliationTimes,
      this.#computations,
      this.#computationTimes,
      gauge(
        `${prefix}_num_horizontal_pod_autoscalers`,
        'HorizontalPodAutoscalers that are reconciled.',
        () => [[{}, this.#autoscalers?.list().length ?? 0]],
      ),
      gauge(`${prefix}_desired_replicas`, 'Replicas that an autoscaler wants.', () =>
        [...this.#desired].map(([key, replicas]) => {
          const [namespace = '', name] = splitKey(key);
          return [{ namespace, hpa_name: name }, replicas];
        }),
      ),
    ];
  }

  /** From now on these are counted. */
  follow(autoscalers: Pick<Lister<HorizontalPodAutoscaler>, 'list'>): void {
    this.#autoscalers = autoscalers;
  }

  reconciled(action: ScaleAction, error: ReconcileError, ms: number): void {
    const labels = { action, error };
    this.#reconciliations.of(labels).value++;
    this.#reconciliationTimes.of(labels).observe(ms);
  }

  computed(type: string, action: ScaleAction, error: ReconcileError, ms: number): void {
    const labels = { action, error, metric_type: type };
    this.#computations.of(labels).value++;
    this.#computationTimes.of(labels).observe(ms);
  }

  wants(key: string, replicas: number): void {
    this.#desired.set(key, replicas);
  }

  forget(key: string): void {
    this.#desired.delete(key);
  }
}

export function actionOf(from: number, to: number): ScaleAction {
  if (to > from) return 'scale_up';
  return to < from ? 'scale_down' : 'none';
}
