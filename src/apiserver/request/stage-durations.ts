/**
 * How long the stages of the request chain take: upstream's histogram of its filters. Every request observes
 * up to eight durations, so that observing is a few additions, and labels are only looked at when the metrics
 * are read.
 */

import { Gauge, type MetricType, type Registry } from 'prom-client';

/** Upstream's. */
const bucketSeconds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30];
/** prom-client's types declare a number. */
const histogram = 'histogram' as unknown as MetricType.Histogram;
const name = 'apiserver_request_filter_duration_seconds';

export class StageDuration {
  /** By bucket; the last is for what took longer than all of them. */
  readonly counts = bucketSeconds.map(() => 0).concat(0);
  sumMs = 0;

  observe(ms: number): void {
    let i = 0;
    while (i < bucketSeconds.length && ms > bucketSeconds[i]! * 1000) i++;
    this.counts[i]!++;
    this.sumMs += ms;
  }
}

/** A gauge to the metrics library, whose histograms cannot compute their values when they are read. */
export class StageDurations extends Gauge {
  readonly #stages = new Map<string, StageDuration>();

  constructor(registry: Registry) {
    super({ name, help: 'How long the stages of the request chain took.', registers: [registry] });
  }

  of(stage: string): StageDuration {
    const known = this.#stages.get(stage) ?? new StageDuration();
    this.#stages.set(stage, known);
    return known;
  }

  override async get() {
    const values = [...this.#stages].flatMap(([filter, duration]) => valuesOf(filter, duration));
    return { ...(await super.get()), type: histogram, values };
  }
}

function valuesOf(filter: string, { counts, sumMs }: StageDuration) {
  let count = 0;
  const buckets = counts.map((own, i) => {
    count += own;
    const labels = { le: bucketSeconds[i] ?? '+Inf', filter };
    return { metricName: `${name}_bucket`, labels, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { filter }, value: sumMs / 1000 },
    { metricName: `${name}_count`, labels: { filter }, value: count },
  ];
}
