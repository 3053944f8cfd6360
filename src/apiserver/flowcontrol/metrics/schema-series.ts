/** Counters and histograms of the requests of one FlowSchema at one priority level. */

import { Samples } from './samples.ts';

const queueLengths = [0, 10, 25, 50, 100, 250, 500, 1000];
const durations = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const watchCounts = [0, 1, 10, 100, 1000, 10_000];
const seats = [1, 2, 4, 8, 16, 32, 64, 100];

export type RejectReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

export class SchemaSeries {
  readonly level: string;
  readonly schema: string;
  dispatched = 0;
  noAccommodation = 0;
  inQueueRequests = 0;
  inQueueSeats = 0;
  executingRequests = 0;
  executingSeats = 0;
  readonly rejected: Record<RejectReason, number> = {
    'queue-full': 0,
    'concurrency-limit': 0,
    'time-out': 0,
    cancelled: 0,
  };
  readonly queueLengths = new Samples(queueLengths);
  readonly executedWaits = new Samples(durations);
  readonly rejectedWaits = new Samples(durations);
  readonly regularExecutions = new Samples(durations);
  readonly watchExecutions = new Samples(durations);
  readonly estimatedSeats = new Samples(seats);
  readonly watchCounts = new Samples(watchCounts);

  constructor(level: string, schema: string) {
    this.level = level;
    this.schema = schema;
  }
}
