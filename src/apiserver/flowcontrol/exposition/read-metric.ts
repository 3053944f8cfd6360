/** Metrics whose values are read from the series of priority and fairness when the metrics are collected. */

import { Gauge, type LabelValues, type MetricType, type Registry } from 'prom-client';
import type { Samples } from '../metrics/samples.ts';

export type Labels = LabelValues<string>;
export type Reading<T extends number | Samples> = readonly [labels: Labels, value: T];
type Read<T extends number | Samples> = () => readonly Reading<T>[];

/** What the metrics library is given of one metric; `values` takes the full name. */
export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type?: MetricType;
  readonly values: (name: string) => readonly SampleValue[];
}

interface SampleValue {
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}

const prefix = 'apiserver_flowcontrol_';
// The library declares its types as a const enum, which type stripping cannot read.
const [counterType, histogramType] = ['counter', 'histogram'] as unknown as [
  MetricType.Counter,
  MetricType.Histogram,
];

export function gauge(name: string, help: string, read: Read<number>): ReadMetric {
  return { name, help, values: () => read().map(([labels, value]) => ({ labels, value })) };
}

export function counter(name: string, help: string, read: Read<number>): ReadMetric {
  return { ...gauge(name, help, read), type: counterType };
}

export function histogram(name: string, help: string, read: Read<Samples>): ReadMetric {
  const values = (fullName: string) =>
    read().flatMap(([labels, samples]) => histogramValues(fullName, labels, samples));
  return { name, help, type: histogramType, values };
}

export function register(registry: Registry, metrics: readonly ReadMetric[]): void {
  for (const metric of metrics) new CollectedMetric(metric, registry);
}

/** A gauge to the library, whose counters and histograms cannot compute their values at collection. */
class CollectedMetric extends Gauge {
  readonly #read: () => object;

  constructor({ name, help, type, values }: ReadMetric, registry: Registry) {
    const fullName = prefix + name;
    super({ name: fullName, help, registers: [registry] });
    this.#read = () => ({ ...(type !== undefined && { type }), values: values(fullName) });
  }

  override async get() {
    return { ...(await super.get()), ...this.#read() };
  }
}

function histogramValues(name: string, labels: Labels, { buckets, counts, sum }: Samples): SampleValue[] {
  let count = 0;
  const values = counts.map((inBucket, i) => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { le: buckets[i] ?? '+Inf', ...labels }, value: count };
  });
  return [
    ...values,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
