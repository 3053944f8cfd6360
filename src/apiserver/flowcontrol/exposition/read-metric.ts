/** Metrics whose values are read from the series of priority and fairness when the metrics are collected. */

import {
  countedElsewhere,
  gauge as gaugeOf,
  type Metric,
  type MetricLabels,
  type Reading as ReadingOf,
} from '#base/metrics/metric.ts';
import type { Samples } from '../metrics/samples.ts';

export type Labels = MetricLabels;
export type Reading<T extends number | Samples> = ReadingOf & readonly [labels: Labels, value: T];
type Read<T extends number | Samples> = () => readonly Reading<T>[];

const prefix = 'apiserver_flowcontrol_';

export function gauge(name: string, help: string, read: Read<number>): Metric {
  return gaugeOf(prefix + name, help, read);
}

export function counter(name: string, help: string, read: Read<number>): Metric {
  return countedElsewhere(prefix + name, help, read);
}

export function histogram(name: string, help: string, read: Read<Samples>): Metric {
  return { name: prefix + name, help, type: 'histogram', readings: read };
}
