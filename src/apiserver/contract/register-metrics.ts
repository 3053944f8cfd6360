/** Gives metrics to the library that prints them. */

import { Gauge, type MetricType, type Registry } from 'prom-client';
import type { Distribution, Metric, MetricLabels, Reading } from '#base/metrics/metric.ts';

export function registerMetrics(registry: Registry, metrics: Iterable<Metric>): void {
  for (const metric of metrics) new PrintedMetric(metric, registry);
}

/** The same for one metric, which is returned. */
export function registered<M extends Metric>(registry: Registry, metric: M): M {
  new PrintedMetric(metric, registry);
  return metric;
}

/** A gauge to the library, whose counters and histograms cannot look up their values when they are read. */
class PrintedMetric extends Gauge {
  readonly #metric: Metric;

  constructor(metric: Metric, registry: Registry) {
    super({ name: metric.name, help: metric.help, registers: [registry] });
    this.#metric = metric;
  }

  override async get() {
    const { name, type } = this.#metric;
    const values = [...this.#metric.readings()].flatMap((reading) => samplesOf(name, reading));
    // The library declares its types as a const enum, which type stripping cannot read.
    return { ...(await super.get()), type: type as unknown as MetricType, values };
  }
}

interface Sample {
  readonly metricName?: string;
  readonly labels: { [label: string]: string | number };
  readonly value: number;
}

function samplesOf(name: string, [labels, value]: Reading): Sample[] {
  return typeof value === 'number' ? [{ labels: { ...labels }, value }] : bucketsOf(name, labels, value);
}

function bucketsOf(name: string, labels: MetricLabels, { bounds, counts, sum }: Distribution): Sample[] {
  let count = 0;
  const buckets = counts.map((own, i) => {
    count += own;
    return { metricName: `${name}_bucket`, labels: { le: bounds[i] ?? '+Inf', ...labels }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: sum },
    { metricName: `${name}_count`, labels: { ...labels }, value: count },
  ];
}
