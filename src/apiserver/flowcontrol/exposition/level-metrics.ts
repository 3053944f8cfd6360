/** The metrics of each priority level: its seats, its queues' progress, and its use over time, under upstream's names. */

import type { Metric } from '#base/metrics/metric.ts';
import type { PriorityLevel } from '../levels/priority-level.ts';
import type { TimedRatio } from '../metrics/samples.ts';
import { gauge, histogram, type Labels, type Reading } from './read-metric.ts';

type Levels = () => Iterable<PriorityLevel>;
type Row<T> = readonly [name: string, help: string, value: (level: PriorityLevel) => T];

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The progress meter counts in units of 1e-8 seat-seconds. */
const meterUnits = 1e8;

const progress: readonly Row<number>[] = [
  ['current_r', 'Reading of the progress meter when it last changed.', ({ series }) => series.currentR],
  ['dispatch_r', 'Reading of the progress meter at the last dispatch.', ({ series }) => series.dispatchR],
  ['latest_s', 'Start of the request dispatched last, by the meter.', ({ series }) => series.latestS],
];

const progressBounds: readonly Row<Bounds>[] = [
  ['next_s_bounds', 'Bounds of the start of the oldest requests.', ({ series }) => series.nextS],
  ['next_discounted_s_bounds', 'The same less the work under way.', ({ series }) => series.nextDiscountedS],
];

const seats: readonly Row<number>[] = [
  ['nominal_limit_seats', 'Seats by configuration.', (level) => level.nominalSeats],
  ['lower_limit_seats', 'Seats that are not lent.', (level) => level.minSeats],
  ['upper_limit_seats', 'Seats with all that may be borrowed.', (level) => level.maxSeats],
  ['current_limit_seats', 'Seats after the last adjustment.', (level) => level.currentSeats],
  ['demand_seats_high_watermark', 'Most seats asked for in the last period.', (level) => level.highWatermark],
  ['demand_seats_average', 'Seats asked for in the last period.', (level) => level.average],
  ['demand_seats_stdev', 'Their standard deviation.', (level) => level.deviation],
  ['demand_seats_smoothed', 'Seats asked for, smoothed.', (level) => level.smoothed],
  ['target_seats', 'Seats that the level should get.', (level) => level.target],
];

export function levelMetrics(levels: Levels): readonly Metric[] {
  const scaled = (value: (level: PriorityLevel) => number) => (level: PriorityLevel) =>
    value(level) / meterUnits;
  return [
    ...progress.map(([name, help, value]) => gauge(name, help, each(levels, scaled(value)))),
    ...progressBounds.map(([name, help, value]) => gauge(name, help, eachBound(levels, value))),
    ...seats.map(([name, help, value]) => gauge(name, help, each(levels, value))),
  ];
}

/** Histograms of ratios over time; `advanced` brings a ratio up to the present. */
export function levelRatios(levels: Levels, advanced: (ratio: TimedRatio) => TimedRatio): readonly Metric[] {
  const ratios = (value: (level: PriorityLevel) => TimedRatio, labels: Labels = {}) =>
    [...levels()].map(
      (level): Reading<TimedRatio> => [{ ...labels, ...labelsOf(level) }, advanced(value(level))],
    );
  return [
    histogram('priority_level_seat_utilization', 'Seats taken, of the current limit, over time.', () =>
      ratios(({ series }) => series.seatUtilization, { phase: 'executing' }),
    ),
    histogram('priority_level_request_utilization', 'Requests, of the relevant limit, over time.', () => [
      ...ratios(({ series }) => series.waiting, { phase: 'waiting' }),
      ...ratios(({ series }) => series.executing, { phase: 'executing' }),
    ]),
    histogram('demand_seats', 'Seats asked for, of the nominal limit, over time.', () =>
      ratios(({ series }) => series.demand),
    ),
  ];
}

function labelsOf({ name }: PriorityLevel): Labels {
  return { priority_level: name };
}

function each(levels: Levels, value: (level: PriorityLevel) => number) {
  return () => [...levels()].map((level): Reading<number> => [labelsOf(level), value(level)]);
}

function eachBound(levels: Levels, value: (level: PriorityLevel) => Bounds) {
  return () =>
    [...levels()].flatMap((level): Reading<number>[] => {
      const { min, max } = value(level);
      return [
        // Infinite while no request waits.
        [{ ...labelsOf(level), bound: 'min' }, Number.isFinite(min) ? min / meterUnits : 0],
        [{ ...labelsOf(level), bound: 'max' }, max / meterUnits],
      ];
    });
}
