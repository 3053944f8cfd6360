/** The metrics of priority and fairness, under upstream's names: read from its series when they are asked for. */

import { Gauge, type LabelValues, type MetricType, type Registry } from 'prom-client';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { PriorityLevel } from '../flowcontrol/levels/priority-level.ts';
import type { LevelSeries } from '../flowcontrol/metrics/level-series.ts';
import type { Samples, TimedRatio } from '../flowcontrol/metrics/samples.ts';
import type { SchemaSeries } from '../flowcontrol/metrics/schema-series.ts';

type Labels = LabelValues<string>;
type Value = readonly [labels: Labels, value: number];
type Histogram = readonly [labels: Labels, samples: Samples];

const prefix = 'apiserver_flowcontrol_';
const [counter, histogram] = ['counter', 'histogram'] as unknown as [
  MetricType.Counter,
  MetricType.Histogram,
];

/** A gauge to the metrics library, whose counters and histograms cannot compute their values when they are read. */
class ReadMetric extends Gauge {
  readonly #read: () => Record<string, unknown>;

  constructor(
    name: string,
    help: string,
    registry: Registry,
    read: (name: string) => Record<string, unknown>,
  ) {
    super({ name: prefix + name, help, registers: [registry] });
    this.#read = () => read(prefix + name);
  }

  override async get() {
    return { ...(await super.get()), ...this.#read() };
  }
}

export function registerFlowControl(registry: Registry, flowControl: FlowControl, nowMs: () => number): void {
  const { configuration } = flowControl;
  const gauge = (name: string, help: string, read: () => readonly Value[]) =>
    new ReadMetric(name, help, registry, () => ({
      values: read().map(([labels, value]) => ({ labels, value })),
    }));
  const count = (name: string, help: string, read: () => readonly Value[]) =>
    new ReadMetric(name, help, registry, () => ({
      type: counter,
      values: read().map(([labels, value]) => ({ labels, value })),
    }));
  const samples = (name: string, help: string, read: () => readonly Histogram[]) =>
    new ReadMetric(name, help, registry, (name) => ({
      type: histogram,
      values: read().flatMap(([labels, samples]) => histogramValues(name, labels, samples)),
    }));
  const timed = (name: string, help: string, read: () => readonly (readonly [Labels, TimedRatio])[]) =>
    samples(name, help, () => {
      const ratios = read();
      for (const [, ratio] of ratios) ratio.advance(nowMs());
      return ratios;
    });

  const schemas = (value: (series: SchemaSeries) => number) => () =>
    [...configuration.series].map((series): Value => [labelsOf(series), value(series)]);
  const schemaSamples = (value: (series: SchemaSeries) => Samples) => () =>
    [...configuration.series].map((series): Histogram => [labelsOf(series), value(series)]);
  const levels = (value: (level: PriorityLevel) => number) => () =>
    [...configuration.levels.values()].map((level): Value => [levelLabel(level.name), value(level)]);
  const meters = (value: (series: LevelSeries) => number) => levels(({ series }) => value(series));
  const bounds = (value: (series: LevelSeries) => { min: number; max: number }) => () =>
    [...configuration.levels.values()].flatMap(({ name, series }): Value[] => [
      [{ ...levelLabel(name), bound: 'min' }, value(series).min],
      [{ ...levelLabel(name), bound: 'max' }, value(series).max],
    ]);
  const levelRatios = (value: (series: LevelSeries) => TimedRatio, labels: Labels = {}) =>
    [...configuration.levels.values()].map(
      ({ name, series }) => [{ ...labels, ...levelLabel(name) }, value(series)] as const,
    );

  count('rejected_requests_total', 'Requests that were rejected.', () =>
    [...configuration.series].flatMap((series) =>
      Object.entries(series.rejected)
        .filter(([, rejected]) => rejected > 0)
        .map(([reason, rejected]): Value => [{ ...labelsOf(series), reason }, rejected]),
    ),
  );
  count(
    'dispatched_requests_total',
    'Requests that were begun.',
    schemas((series) => series.dispatched),
  );
  gauge(
    'current_inqueue_requests',
    'Requests in queues now.',
    schemas((series) => series.inQueueRequests),
  );
  gauge(
    'current_inqueue_seats',
    'Seats that requests in queues ask for.',
    schemas((series) => series.inQueueSeats),
  );
  gauge(
    'current_executing_requests',
    'Requests worked on now.',
    schemas((series) => series.executingRequests),
  );
  gauge(
    'current_executing_seats',
    'Seats taken now.',
    schemas((series) => series.executingSeats),
  );
  count(
    'request_dispatch_no_accommodation_total',
    'How often the next request had to wait for more seats.',
    schemas((series) => series.noAccommodation),
  );
  samples(
    'request_queue_length_after_enqueue',
    'Length of a queue after a request was put into it.',
    schemaSamples((series) => series.queueLengths),
  );
  samples('request_wait_duration_seconds', 'How long requests waited.', () =>
    [...configuration.series].flatMap((series): Histogram[] => [
      [{ ...labelsOf(series), execute: 'true' }, series.executedWaits],
      [{ ...labelsOf(series), execute: 'false' }, series.rejectedWaits],
    ]),
  );
  samples('request_execution_seconds', 'How long requests were worked on; watches until they began.', () =>
    [...configuration.series].flatMap((series): Histogram[] => [
      [{ ...labelsOf(series), type: 'regular' }, series.regularExecutions],
      [{ ...labelsOf(series), type: 'watch' }, series.watchExecutions],
    ]),
  );
  samples(
    'work_estimated_seats',
    'Seats that requests were estimated to take.',
    schemaSamples((series) => series.estimatedSeats),
  );
  samples(
    'watch_count_samples',
    'Watches that a write may interest.',
    schemaSamples((series) => series.watchCounts),
  );
  gauge(
    'current_r',
    'Reading of the progress meter when it last changed.',
    meters((series) => series.currentR / 1e8),
  );
  gauge(
    'dispatch_r',
    'Reading of the progress meter at the last dispatch.',
    meters((series) => series.dispatchR / 1e8),
  );
  gauge(
    'latest_s',
    'Start of the request dispatched last, by the meter.',
    meters((series) => series.latestS / 1e8),
  );
  gauge(
    'next_s_bounds',
    'Bounds of the start of the oldest requests.',
    bounds(({ nextS }) => scaled(nextS)),
  );
  gauge(
    'next_discounted_s_bounds',
    'The same less the work under way.',
    bounds(({ nextDiscountedS }) => scaled(nextDiscountedS)),
  );
  gauge(
    'nominal_limit_seats',
    'Seats by configuration.',
    levels((level) => level.nominalSeats),
  );
  gauge(
    'lower_limit_seats',
    'Seats that are not lent.',
    levels((level) => level.minSeats),
  );
  gauge(
    'upper_limit_seats',
    'Seats with all that may be borrowed.',
    levels((level) => level.maxSeats),
  );
  gauge(
    'current_limit_seats',
    'Seats after the last adjustment.',
    levels((level) => level.currentSeats),
  );
  gauge(
    'demand_seats_high_watermark',
    'Most seats asked for in the last period.',
    levels((level) => level.highWatermark),
  );
  gauge(
    'demand_seats_average',
    'Seats asked for in the last period.',
    levels((level) => level.average),
  );
  gauge(
    'demand_seats_stdev',
    'Their standard deviation.',
    levels((level) => level.deviation),
  );
  gauge(
    'demand_seats_smoothed',
    'Seats asked for, smoothed.',
    levels((level) => level.smoothed),
  );
  gauge(
    'target_seats',
    'Seats that the level should get.',
    levels((level) => level.target),
  );
  gauge('seat_fair_frac', 'Part of its target that each level gets.', () => [
    [{}, configuration.fairFraction],
  ]);
  timed('priority_level_seat_utilization', 'Seats taken, of the current limit, over time.', () =>
    levelRatios((series) => series.seatUtilization, { phase: 'executing' }),
  );
  timed('priority_level_request_utilization', 'Requests, of the relevant limit, over time.', () => [
    ...levelRatios((series) => series.waiting, { phase: 'waiting' }),
    ...levelRatios((series) => series.executing, { phase: 'executing' }),
  ]);
  timed('demand_seats', 'Seats asked for, of the nominal limit, over time.', () =>
    levelRatios((series) => series.demand),
  );
  timed(
    'read_vs_write_current_requests',
    'Requests that read and write, of the relevant limit, over time.',
    () =>
      Object.entries(flowControl.readWrite.phases).flatMap(([phase, kinds]) =>
        Object.entries(kinds).map(([kind, { ratio }]) => [{ phase, request_kind: kind }, ratio] as const),
      ),
  );
}

function scaled({ min, max }: { readonly min: number; readonly max: number }) {
  return { min: Number.isFinite(min) ? min / 1e8 : 0, max: max / 1e8 };
}

function labelsOf({ level, schema }: SchemaSeries): Labels {
  return { priority_level: level, flow_schema: schema };
}

function levelLabel(name: string): Labels {
  return { priority_level: name };
}

function histogramValues(name: string, labels: Labels, { buckets, counts, sum }: Samples) {
  let count = 0;
  const values = counts.map((own, i) => {
    count += own;
    return { metricName: `${name}_bucket`, labels: { le: buckets[i] ?? '+Inf', ...labels }, value: count };
  });
  return [
    ...values,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
