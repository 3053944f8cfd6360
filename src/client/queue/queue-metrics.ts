/** The metrics of work queues, under upstream's names, by the name of the controller whose queue it is. */

import { Histogram } from '#base/metrics/histogram.ts';
import {
  countedElsewhere,
  exponentialBounds,
  gauge,
  type Metric,
  type Reading,
} from '#base/metrics/metric.ts';
import type { QueueObservations } from './queue-times.ts';
import type { WorkQueue } from './work-queue.ts';

/** Upstream's. */
const bounds = exponentialBounds(10e-9, 10, 10);

interface NamedQueue extends QueueObservations {
  /** The latest of this name: a controller that is elected again has a new one. */
  queue: WorkQueue;
  /** Of the queues before. */
  adds: number;
  retries: number;
}

export class QueueMetrics {
  readonly metrics: readonly Metric[];
  readonly #byName = new Map<string, NamedQueue>();
  readonly #waits = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long keys waited in the queue.',
    bounds,
  });
  readonly #work = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long keys were worked on.',
    bounds,
  });

  constructor() {
    this.metrics = [
      gauge(
        'workqueue_depth',
        'Keys that wait in the queue.',
        this.#each(({ queue }) => queue.length),
      ),
      countedElsewhere(
        'workqueue_adds_total',
        'Keys added to the queue.',
        this.#each(({ queue, adds }) => adds + queue.times.adds),
      ),
      this.#waits,
      this.#work,
      gauge(
        'workqueue_unfinished_work_seconds',
        'How long the keys in work have been worked on, all together.',
        this.#each(({ queue }) => queue.times.unfinishedMs / 1000),
      ),
      gauge(
        'workqueue_longest_running_processor_seconds',
        'How long the oldest key in work has been worked on.',
        this.#each(({ queue }) => queue.times.longestRunningMs / 1000),
      ),
      countedElsewhere(
        'workqueue_retries_total',
        'Keys that failed and come back.',
        this.#each(({ queue, retries }) => retries + queue.times.retries),
      ),
    ];
  }

  /** Publishes a queue in place of an earlier one of the same name. */
  follow(name: string, queue: WorkQueue): void {
    const known = this.#byName.get(name);
    const { adds = 0, retries = 0 } = known?.queue.times ?? {};
    const named = {
      queue,
      adds: adds + (known?.adds ?? 0),
      retries: retries + (known?.retries ?? 0),
      waits: known?.waits ?? this.#waits.begin({ name }),
      work: known?.work ?? this.#work.begin({ name }),
    };
    this.#byName.set(name, named);
    queue.times.observations = named;
  }

  #each(value: (named: NamedQueue) => number): () => readonly Reading[] {
    return () => [...this.#byName].map(([name, named]): Reading => [{ name }, value(named)]);
  }
}
