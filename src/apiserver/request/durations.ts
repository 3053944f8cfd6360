/**
 * Histograms of durations that every request observes, some of them more than once: observing is a few
 * additions, and labels are only looked at when the metrics are read.
 */

import { Gauge, type LabelValues, type MetricType, type Registry } from 'prom-client';

/** prom-client's types declare a number. */
const histogram = 'histogram' as unknown as MetricType.Histogram;

export class Durations {
  /** By bucket; the last is for what took longer than all of them. */
  readonly counts: number[];
  sumMs = 0;
  readonly #bucketsMs: readonly number[];

  constructor(bucketsMs: readonly number[]) {
    this.#bucketsMs = bucketsMs;
    this.counts = bucketsMs.map(() => 0).concat(0);
  }

  observe(ms: number): void {
    let i = 0;
    while (i < this.#bucketsMs.length && ms > this.#bucketsMs[i]!) i++;
    this.counts[i]!++;
    this.sumMs += ms;
  }
}

interface Series {
  readonly labels: LabelValues<string>;
  readonly durations: Durations;
}

export interface DurationHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly bucketSeconds: readonly number[];
  /** What is observed of a unit that is published: by default the milliseconds of a second; 1 for bytes. */
  readonly scale?: number;
  readonly registry: Registry;
}

/** A gauge to the metrics library, whose histograms cannot compute their values when they are read. */
export class DurationHistogram extends Gauge {
  readonly #name: string;
  readonly #bucketSeconds: readonly number[];
  readonly #bucketsMs: readonly number[];
  readonly #scale: number;
  readonly #series: Series[] = [];

  constructor({ name, help, bucketSeconds, scale = 1000, registry }: DurationHistogramOptions) {
    super({ name, help, registers: [registry] });
    this.#name = name;
    this.#bucketSeconds = bucketSeconds;
    this.#scale = scale;
    this.#bucketsMs = bucketSeconds.map((seconds) => seconds * scale);
  }

  /** A new series: asked for once for each set of labels. */
  begin(labels: LabelValues<string>): Durations {
    const durations = new Durations(this.#bucketsMs);
    this.#series.push({ labels, durations });
    return durations;
  }

  override async get() {
    const values = this.#series.flatMap((series) => this.#valuesOf(series));
    return { ...(await super.get()), type: histogram, values };
  }

  #valuesOf({ labels, durations }: Series) {
    let count = 0;
    const buckets = durations.counts.map((own, i) => {
      count += own;
      const le = this.#bucketSeconds[i] ?? '+Inf';
      return { metricName: `${this.#name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels, value: durations.sumMs / this.#scale },
      { metricName: `${this.#name}_count`, labels, value: count },
    ];
  }
}
