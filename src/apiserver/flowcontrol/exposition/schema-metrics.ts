/** The metrics of the requests of each FlowSchema at its priority level, under upstream's names. */

import type { Metric } from '#base/metrics/metric.ts';
import type { Samples } from '../metrics/samples.ts';
import type { SchemaSeries } from '../metrics/schema-series.ts';
import { counter, gauge, histogram, type Reading } from './read-metric.ts';

type Row<T extends number | Samples> = readonly [
  name: string,
  help: string,
  value: (series: SchemaSeries) => T | readonly Reading<T>[],
];

const dispatches: readonly Row<number>[] = [
  ['rejected_requests_total', 'Requests that were rejected.', rejections],
  ['dispatched_requests_total', 'Requests that were begun.', (series) => series.dispatched],
];

const requestsNow: readonly Row<number>[] = [
  ['current_inqueue_requests', 'Requests in queues now.', (series) => series.inQueueRequests],
  ['current_inqueue_seats', 'Seats that requests in queues ask for.', (series) => series.inQueueSeats],
  ['current_executing_requests', 'Requests worked on now.', (series) => series.executingRequests],
  ['current_executing_seats', 'Seats taken now.', (series) => series.executingSeats],
];

const delays: readonly Row<number>[] = [
  [
    'request_dispatch_no_accommodation_total',
    'How often the next request had to wait for more seats.',
    (series) => series.noAccommodation,
  ],
];

const distributions: readonly Row<Samples>[] = [
  [
    'request_queue_length_after_enqueue',
    'Length of a queue after a request was put into it.',
    (series) => series.queueLengths,
  ],
  ['request_wait_duration_seconds', 'How long requests waited.', waits],
  ['request_execution_seconds', 'How long requests were worked on; watches until they began.', executions],
  ['work_estimated_seats', 'Seats that requests were estimated to take.', (series) => series.estimatedSeats],
  ['watch_count_samples', 'Watches that a write may interest.', (series) => series.watchCounts],
];

export function schemaMetrics(series: () => Iterable<SchemaSeries>): readonly Metric[] {
  const readings =
    <T extends number | Samples>(value: Row<T>[2]) =>
    () =>
      [...series()].flatMap((schema) => readingsOf(schema, value(schema)));
  return [
    ...dispatches.map(([name, help, value]) => counter(name, help, readings(value))),
    ...requestsNow.map(([name, help, value]) => gauge(name, help, readings(value))),
    ...delays.map(([name, help, value]) => counter(name, help, readings(value))),
    ...distributions.map(([name, help, value]) => histogram(name, help, readings(value))),
  ];
}

function readingsOf<T extends number | Samples>(
  { level, schema }: SchemaSeries,
  values: T | readonly Reading<T>[],
): readonly Reading<T>[] {
  const labels = { priority_level: level, flow_schema: schema };
  if (!isList(values)) return [[labels, values]];
  return values.map(([more, value]) => [{ ...labels, ...more }, value]);
}

function isList<T extends number | Samples>(
  values: T | readonly Reading<T>[],
): values is readonly Reading<T>[] {
  return Array.isArray(values);
}

/** A reason appears with its first rejection, as upstream's counters do. */
function rejections({ rejected }: SchemaSeries): readonly Reading<number>[] {
  return Object.entries(rejected)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => [{ reason }, count]);
}

function waits({ executedWaits, rejectedWaits }: SchemaSeries): readonly Reading<Samples>[] {
  return [
    [{ execute: 'true' }, executedWaits],
    [{ execute: 'false' }, rejectedWaits],
  ];
}

function executions({ regularExecutions, watchExecutions }: SchemaSeries): readonly Reading<Samples>[] {
  return [
    [{ type: 'regular' }, regularExecutions],
    [{ type: 'watch' }, watchExecutions],
  ];
}
