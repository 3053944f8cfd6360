/** What the alignment of resources to NUMA nodes is counted by, under upstream's names. */

import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { exponentialBounds, type Metric } from '#base/metrics/metric.ts';
import { PlainCounter } from '#base/metrics/plain-counter.ts';

type Scope = 'container' | 'pod';

export class TopologyMetrics {
  readonly #requests = new PlainCounter(
    'kubelet_topology_manager_admission_requests_total',
    'Pods whose resources were to be aligned.',
  );
  readonly #errors = new PlainCounter(
    'kubelet_topology_manager_admission_errors_total',
    'Pods whose resources could not be aligned.',
  );
  readonly #duration = new Histogram({
    name: 'kubelet_topology_manager_admission_duration_ms',
    help: 'How long it took to assign a pod its resources, in milliseconds.',
    bounds: exponentialBounds(0.05, 2, 15),
    scale: 1,
  });
  readonly #durations = this.#duration.begin();
  readonly #aligned = new Counter(
    'kubelet_container_aligned_compute_resources_count',
    'Containers or pods with aligned resources, by scope and boundary.',
  );
  readonly #notAligned = new Counter(
    'kubelet_container_aligned_compute_resources_failure_count',
    'Containers or pods whose resources could not be aligned, by scope and boundary.',
  );

  get metrics(): readonly Metric[] {
    return [this.#requests, this.#errors, this.#duration, this.#aligned, this.#notAligned];
  }

  assigned(durationMs: number, isRejected: boolean): void {
    this.#requests.value++;
    if (isRejected) this.#errors.value++;
    this.#durations.observe(durationMs);
  }

  aligned(scope: Scope): void {
    this.#aligned.of({ scope, boundary: 'numa_node' }).value++;
  }

  notAligned(scope: Scope): void {
    this.#notAligned.of({ scope, boundary: 'numa_node' }).value++;
  }
}
