/** Registers the metrics of priority and fairness, under upstream's names and in a stable order. */

import type { Registry } from 'prom-client';
import type { Metric } from '#base/metrics/metric.ts';
import { registerMetrics } from '../../contract/register-metrics.ts';
import type { FlowConfiguration } from '../levels/configuration.ts';
import type { ReadWriteSeries } from '../metrics/read-write-series.ts';
import type { TimedRatio } from '../metrics/samples.ts';
import { levelMetrics, levelRatios } from './level-metrics.ts';
import { gauge, histogram, type Reading } from './read-metric.ts';
import { schemaMetrics } from './schema-metrics.ts';

export interface MeasuredFlowControl {
  readonly configuration: FlowConfiguration;
  readonly readWrite: ReadWriteSeries;
}

export function registerFlowControl(
  registry: Registry,
  { configuration, readWrite }: MeasuredFlowControl,
  nowMs: () => number,
): void {
  const levels = () => configuration.levels.values();
  const advanced = (ratio: TimedRatio) => {
    ratio.advance(nowMs());
    return ratio;
  };
  registerMetrics(registry, [
    ...schemaMetrics(() => configuration.series),
    ...levelMetrics(levels),
    fairFraction(configuration),
    ...levelRatios(levels, advanced),
    readWriteRatios(readWrite, advanced),
  ]);
}

function fairFraction(configuration: FlowConfiguration): Metric {
  const help = 'Part of its target that each level gets.';
  return gauge('seat_fair_frac', help, () => [[{}, configuration.fairFraction]]);
}

function readWriteRatios({ phases }: ReadWriteSeries, advanced: (ratio: TimedRatio) => TimedRatio): Metric {
  const help = 'Requests that read and write, of the relevant limit, over time.';
  return histogram('read_vs_write_current_requests', help, () =>
    Object.entries(phases).flatMap(([phase, kinds]) =>
      Object.entries(kinds).map(
        ([kind, { ratio }]): Reading<TimedRatio> => [{ phase, request_kind: kind }, advanced(ratio)],
      ),
    ),
  );
}
