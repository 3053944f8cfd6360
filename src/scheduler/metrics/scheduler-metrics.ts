/** The metrics of the scheduler, under upstream's names. One object for all elections of one process. */

import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { exponentialBounds, gauge, type Metric, type Reading } from '#base/metrics/metric.ts';
import { PlainCounter } from '#base/metrics/plain-counter.ts';

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error';

export type ExtensionPoint = 'PreFilter' | 'Filter' | 'PostFilter' | 'Score' | 'Reserve' | 'PreBind' | 'Bind';

export type PointStatus = 'Success' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Error';

/** What the gauges show: of the scheduler that runs, if one does. */
export interface SchedulerState {
  pending(): Readonly<Record<'active' | 'backoff' | 'unschedulable' | 'gated', number>>;
  /** How many pods each plugin of a profile keeps from being scheduled. */
  unschedulableBy(): readonly { profile: string; plugin: string; pods: number }[];
  cached(): Readonly<Record<'nodes' | 'pods' | 'assumed_pods', number>>;
}

/** Above so many attempts they have one label. */
const attemptsMax = 15;
const attemptBounds = exponentialBounds(0.001, 2, 15);

export class SchedulerMetrics {
  readonly metrics: readonly Metric[];
  readonly #attempts = new Counter('scheduler_schedule_attempts_total', 'Attempts to schedule a pod.');
  readonly #durations = ofDurations(
    'scheduler_scheduling_attempt_duration_seconds',
    'How long attempts took, the binding included.',
    attemptBounds,
  );
  readonly #algorithm = ofDurations(
    'scheduler_scheduling_algorithm_duration_seconds',
    'How long it took to find a node.',
    attemptBounds,
  );
  readonly #points = ofDurations(
    'scheduler_framework_extension_point_duration_seconds',
    'How long all plugins of an extension point took; Score includes PreScore.',
    exponentialBounds(0.0001, 2, 12),
  );
  readonly #podAttempts = ofNumbers(
    'scheduler_pod_scheduling_attempts',
    'Attempts until a pod was scheduled.',
    exponentialBounds(1, 2, 5),
  );
  readonly #podDurations = ofDurations(
    'scheduler_pod_scheduling_sli_duration_seconds',
    'How long it took from the first attempt until a pod was bound.',
    exponentialBounds(0.01, 2, 20),
  );
  readonly #preemptions = new PlainCounter(
    'scheduler_preemption_attempts_total',
    'Attempts to make room for a pod by evicting others.',
  );
  readonly #victims = ofNumbers(
    'scheduler_preemption_victims',
    'Pods that were chosen to be evicted.',
    exponentialBounds(1, 2, 7),
  );
  readonly #incoming = new Counter(
    'scheduler_queue_incoming_pods_total',
    'Pods that came into a queue, by what brought them there.',
  );
  #state: SchedulerState | undefined;

  constructor() {
    // Without labels: shown from the start, as upstream's are.
    for (const plain of [this.#algorithm, this.#podAttempts, this.#victims]) plain.of({});
    this.metrics = [
      this.#attempts,
      this.#durations,
      this.#algorithm,
      this.#points,
      this.#podAttempts,
      this.#podDurations,
      this.#preemptions,
      this.#victims,
      this.#incoming,
      this.#gauge('scheduler_pending_pods', 'Pods that wait, by queue.', 'queue', (state) => state.pending()),
      this.#gauge('scheduler_cache_size', 'Nodes and pods that the scheduler knows.', 'type', (state) =>
        state.cached(),
      ),
      gauge('scheduler_unschedulable_pods', 'Pods that a plugin keeps waiting.', () =>
        (this.#state?.unschedulableBy() ?? []).map(({ plugin, profile, pods }) => [
          { plugin, profile },
          pods,
        ]),
      ),
    ];
  }

  /** Undefined: no scheduler runs. */
  follow(state: SchedulerState | undefined): void {
    this.#state = state;
  }

  attempted(profile: string, result: AttemptResult, ms: number): void {
    const labels = { result, profile };
    this.#attempts.of(labels).value++;
    this.#durations.of(labels).observe(ms);
  }

  foundNode(ms: number): void {
    this.#algorithm.of({}).observe(ms);
  }

  ran(profile: string, point: ExtensionPoint, status: PointStatus, ms: number): void {
    this.#points.of({ extension_point: point, status, profile }).observe(ms);
  }

  /** `ms`: since the first attempt. */
  scheduled(attempts: number, ms: number): void {
    this.#podAttempts.of({}).observe(attempts);
    const label = attempts >= attemptsMax ? `${attemptsMax}+` : String(attempts);
    this.#podDurations.of({ attempts: label }).observe(ms);
  }

  triedPreemption(): void {
    this.#preemptions.value++;
  }

  preempts(victims: number): void {
    this.#victims.of({}).observe(victims);
  }

  entered(queue: string, event: string): void {
    this.#incoming.of({ queue, event }).value++;
  }

  #gauge(
    name: string,
    help: string,
    label: string,
    value: (state: SchedulerState) => Readonly<Record<string, number>>,
  ): Metric {
    return gauge(name, help, () =>
      Object.entries(this.#state ? value(this.#state) : {}).map(
        ([key, number]): Reading => [{ [label]: key }, number],
      ),
    );
  }
}

/** Of milliseconds. */
function ofDurations(name: string, help: string, bounds: readonly number[]): Histogram {
  return new Histogram({ name, help, bounds });
}

/** Of plain numbers. */
function ofNumbers(name: string, help: string, bounds: readonly number[]): Histogram {
  return new Histogram({ name, help, bounds, scale: 1 });
}
