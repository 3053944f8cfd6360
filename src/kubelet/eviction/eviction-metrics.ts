/** Counts evictions by what the node, or the pod's own limit, was short of; names are upstream's. */

import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import type { Metric } from '#base/metrics/metric.ts';

/** Upstream's buckets for durations, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class EvictionMetrics {
  readonly #evictions = new Counter('kubelet_evictions', 'Pods that the kubelet evicted.');
  readonly #statsAge = new Histogram({
    name: 'kubelet_eviction_stats_age_seconds',
    help: 'How old the measurements were by which a pod was evicted.',
    bounds,
  });

  get metrics(): readonly Metric[] {
    return [this.#evictions, this.#statsAge];
  }

  /** `signal` is a signal of thresholds, or that of a limit: `emptydirfs.limit`. */
  evicted(signal: string): void {
    this.#evictions.of({ eviction_signal: signal }).value++;
  }

  decided(signal: string, statsAgeMs: number): void {
    this.#statsAge.of({ eviction_signal: signal }).observe(statsAgeMs);
  }
}
