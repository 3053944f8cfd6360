/** The metrics of `/metrics` and `/metrics/slis`, under upstream's names. */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { HealthMetrics } from '#base/health-metrics.ts';
import { StageDurations } from './stage-durations.ts';

const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
const seriesMax = 5000;
const requestLabels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;

export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: string;
}

export class Metrics {
  readonly registry = new Registry();
  readonly health = new HealthMetrics();
  readonly stages = new StageDurations(this.registry);
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #longRunning: Gauge;

  /** Looking labels up costs more than counting. */
  readonly #series = new Map<string, { requests: Counter.Internal; durations: Histogram.Internal<string> }>();

  constructor(sources: {
    inFlight(): { readOnly: number; mutating: number };
    objects(): Map<string, number>;
  }) {
    const registers = [this.registry];
    this.#requests = new Counter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and HTTP code.',
      labelNames: [...requestLabels, 'code'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'How long answering took, long-running requests excepted.',
      labelNames: [...requestLabels],
      buckets: durationBuckets,
      registers,
    });
    this.#longRunning = new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches, logs and connections that are open now.',
      labelNames: [...requestLabels],
      registers,
    });
    new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests being worked on now.',
      labelNames: ['request_kind'],
      registers,
      collect() {
        const { readOnly, mutating } = sources.inFlight();
        this.set({ request_kind: 'readOnly' }, readOnly);
        this.set({ request_kind: 'mutating' }, mutating);
      },
    });
    processGauge(registers, 'process_resident_memory_bytes', 'Memory held.', () => process.memoryUsage.rss());
    processGauge(registers, 'process_cpu_seconds_total', 'Processor time used.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    new Gauge({
      name: 'apiserver_storage_objects',
      help: 'Objects stored, by resource.',
      labelNames: ['resource'],
      registers,
      collect() {
        // What is served no longer has no objects.
        this.reset();
        for (const [resource, count] of sources.objects()) this.set({ resource }, count);
      },
    });
  }

  answered(labels: RequestLabels, code: number, seconds: number): void {
    const { verb, group, version, resource, subresource, scope } = labels;
    const key = `${verb} ${group} ${version} ${resource} ${subresource} ${scope} ${code}`;
    let series = this.#series.get(key);
    if (!series) {
      series = {
        requests: this.#requests.labels({ ...labels, code }),
        durations: this.#durations.labels({ ...labels }),
      };
      if (this.#series.size < seriesMax) this.#series.set(key, series);
    }
    series.requests.inc();
    series.durations.observe(seconds);
  }

  /** Returns the function to call at the end. */
  longRunning(labels: RequestLabels, code: number): () => void {
    this.#requests.inc({ ...labels, code });
    this.#longRunning.inc({ ...labels });
    return () => this.#longRunning.dec({ ...labels });
  }
}

function processGauge(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}
