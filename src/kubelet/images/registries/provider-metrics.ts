/** What the node measures of credential providers, by upstream's names: pkg/credentialprovider/plugin. */

import type { Clock } from '#base/clock.ts';
import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { gauge, type Metric } from '#base/metrics/metric.ts';

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class ProviderMetrics {
  readonly metrics: readonly Metric[];
  readonly #clock: Clock;
  readonly #durations = new Histogram({
    name: 'kubelet_credential_provider_plugin_duration',
    help: 'How long the programs that give passwords for registries ran, in seconds.',
    bounds,
  });
  readonly #errors = new Counter(
    'kubelet_credential_provider_plugin_errors_total',
    'Programs that give passwords for registries which failed or were cut off.',
  );

  /** `configHash`: of the files that name the programs. */
  constructor(clock: Clock, configHash: string) {
    this.#clock = clock;
    const info = gauge(
      'kubelet_credential_provider_config_info',
      'The hash of the configuration of credential providers in force; the value is always 1.',
      () => [[{ hash: configHash }, 1]],
    );
    this.metrics = [this.#durations, this.#errors, info];
  }

  /** Measures a run of the program; what its answer says is not looked at. */
  async run<T extends { readonly code: number }>(name: string, run: () => Promise<T>): Promise<T> {
    const beganMs = this.#clock.monotonicMs();
    let failed = true;
    try {
      const result = await run();
      failed = result.code !== 0;
      return result;
    } finally {
      this.#durations.of({ plugin_name: name }).observe(this.#clock.monotonicMs() - beganMs);
      if (failed) this.#errors.of({ plugin_name: name }).value++;
    }
  }
}
