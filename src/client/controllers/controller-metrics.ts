/** The metrics of a controller manager, under upstream's names: which controllers run, and their queues. */

import { gauge, type Metric, type Reading } from '#base/metrics/metric.ts';
import { QueueMetrics } from '../queue/queue-metrics.ts';
import type { WorkQueue } from '../queue/work-queue.ts';

export class ControllerMetrics {
  readonly metrics: readonly Metric[];
  readonly #queues = new QueueMetrics();
  readonly #areRunning = new Map<string, boolean>();

  /** `manager`: upstream's name of the process that runs the controllers there. */
  constructor(manager: string) {
    const running = () =>
      [...this.#areRunning].map(([name, isRunning]): Reading => [{ manager, name }, isRunning ? 1 : 0]);
    const help = 'Controllers, with 1 for those that run.';
    this.metrics = [gauge('running_managed_controllers', help, running), ...this.#queues.metrics];
  }

  started(name: string, queue: WorkQueue): void {
    this.#areRunning.set(name, true);
    this.#queues.follow(name, queue);
  }

  stopped(name: string): void {
    this.#areRunning.set(name, false);
  }
}
