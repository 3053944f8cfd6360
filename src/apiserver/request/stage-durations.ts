/** How long the stages of the request chain take: upstream's histogram of its filters. */

import type { Registry } from 'prom-client';
import { Histogram, type Observations } from '#base/metrics/histogram.ts';
import { registered } from '../contract/register-metrics.ts';

/** Upstream's. */
const bucketSeconds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30];

export class StageDurations {
  readonly #histogram: Histogram;

  constructor(registry: Registry) {
    this.#histogram = registered(
      registry,
      new Histogram({
        name: 'apiserver_request_filter_duration_seconds',
        help: 'How long the stages of the request chain took.',
        bounds: bucketSeconds,
      }),
    );
  }

  of(stage: string): Observations {
    return this.#histogram.of({ filter: stage });
  }
}
