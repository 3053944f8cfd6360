/** What device plugins are counted by, under upstream's names. */

import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import type { Metric } from '#base/metrics/metric.ts';

export class DeviceMetrics {
  readonly #registrations = new Counter(
    'kubelet_device_plugin_registration_total',
    'Registrations of device plugins, by resource.',
  );
  readonly #allocations = new Histogram({
    name: 'kubelet_device_plugin_alloc_duration_seconds',
    help: 'How long device plugins took to allocate, by resource.',
    bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });

  get metrics(): readonly Metric[] {
    return [this.#registrations, this.#allocations];
  }

  registered(resource: string): void {
    this.#registrations.of({ resource_name: resource }).value++;
  }

  allocated(resource: string, durationMs: number): void {
    this.#allocations.of({ resource_name: resource }).observe(durationMs);
  }
}
