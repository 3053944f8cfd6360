/** How long the stages of the request chain take: upstream's histogram of its filters. */

import type { Registry } from 'prom-client';
import { DurationHistogram, type Durations } from './durations.ts';

/** Upstream's. */
const bucketSeconds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30];

export class StageDurations {
  readonly #histogram: DurationHistogram;
  readonly #stages = new Map<string, Durations>();

  constructor(registry: Registry) {
    this.#histogram = new DurationHistogram({
      name: 'apiserver_request_filter_duration_seconds',
      help: 'How long the stages of the request chain took.',
      bucketSeconds,
      registry,
    });
  }

  of(stage: string): Durations {
    const known = this.#stages.get(stage) ?? this.#histogram.begin({ filter: stage });
    this.#stages.set(stage, known);
    return known;
  }
}
