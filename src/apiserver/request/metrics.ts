/** The metrics of `/metrics` and `/metrics/slis`, under upstream's names. */

import { Counter, Gauge, Registry } from 'prom-client';
import { HealthMetrics } from '#base/health-metrics.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { AccessMetrics } from './access-metrics.ts';
import { DurationHistogram, type Durations } from './durations.ts';
import { StageDurations } from './stage-durations.ts';

const bucketSeconds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
const seriesMax = 5000;
const requestLabels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;

const unnamed = { group: '', version: '', resource: '', subresource: '' };

interface RequestCounts {
  readonly readOnly: number;
  readonly mutating: number;
}

export type InFlight = Readonly<Record<'executing' | 'waiting', RequestCounts>>;

type RequestLabels = Readonly<Record<(typeof requestLabels)[number], string>>;

/** Requests with one set of labels and one code. */
interface RequestSeries {
  readonly labels: RequestLabels;
  readonly code: number;
  /** Since the metrics were last read. */
  unread: number;
  readonly durations: Durations;
}

export interface MetricSources {
  inFlight(): InFlight;
  objects(): Map<string, number>;
}

export class Metrics {
  readonly registry: Registry;
  readonly health = new HealthMetrics();
  readonly stages: StageDurations;
  readonly access: AccessMetrics;
  readonly #requests: Counter;
  readonly #durations: DurationHistogram;
  readonly #longRunning: Gauge;

  /** By labels and code: looking labels up costs more than counting. */
  readonly #series = new Map<string, RequestSeries>();
  /** By labels. */
  readonly #durationsOf = new Map<string, Durations>();

  constructor(sources: MetricSources, registry = new Registry()) {
    this.registry = registry;
    this.stages = new StageDurations(registry);
    this.access = new AccessMetrics(registry);
    const registers = [registry];
    const series = this.#series;
    this.#requests = new Counter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and HTTP code.',
      labelNames: [...requestLabels, 'code'],
      registers,
      collect() {
        for (const answered of series.values()) {
          this.inc({ ...answered.labels, code: answered.code }, answered.unread);
          answered.unread = 0;
        }
      },
    });
    this.#durations = new DurationHistogram({
      name: 'apiserver_request_duration_seconds',
      help: 'How long answering took, long-running requests excepted.',
      bucketSeconds,
      registry,
    });
    this.#longRunning = new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches, logs and connections that are open now.',
      labelNames: [...requestLabels],
      registers,
    });
    const inFlight = () => sources.inFlight();
    const executing = 'apiserver_current_inflight_requests';
    requestsGauge(registers, executing, 'Requests being worked on now.', () => inFlight().executing);
    const waiting = 'apiserver_current_inqueue_requests';
    requestsGauge(registers, waiting, 'Requests waiting in queues now.', () => inFlight().waiting);
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

  answered(info: RequestInfo, code: number, ms: number): void {
    const series = this.#series.get(`${keyOf(info)} ${code}`) ?? this.#begin(info, code);
    series.unread++;
    series.durations.observe(ms);
  }

  /** Clients choose what is in a path: above `seriesMax`, new series have no labels of a resource. */
  #begin(info: RequestInfo, code: number): RequestSeries {
    const named = this.#series.size < seriesMax ? info : { ...info, ...unnamed };
    const key = keyOf(named);
    const known = this.#series.get(`${key} ${code}`);
    if (known) return known;
    const labels = labelsOf(named);
    const durations = this.#durationsOf.get(key) ?? this.#durations.begin(labels);
    const series = { labels, code, unread: 0, durations };
    this.#durationsOf.set(key, durations);
    this.#series.set(`${key} ${code}`, series);
    return series;
  }

  /** Returns the function to call at the end. */
  longRunning(info: RequestInfo, code: number): () => void {
    const labels = labelsOf(info);
    this.#requests.inc({ ...labels, code });
    this.#longRunning.inc(labels);
    return () => this.#longRunning.dec(labels);
  }
}

function keyOf(info: RequestInfo): string {
  const { verb, group, version, resource, subresource } = info;
  return `${verb} ${group} ${version} ${resource} ${subresource} ${scopeOf(info)}`;
}

function labelsOf(info: RequestInfo): RequestLabels {
  const { verb, group, version, resource, subresource } = info;
  return { verb: verb.toUpperCase(), group, version, resource, subresource, scope: scopeOf(info) };
}

function scopeOf({
  isResource,
  name,
  namespace,
}: Pick<RequestInfo, 'isResource' | 'name' | 'namespace'>): string {
  if (!isResource) return '';
  if (name !== '') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

function requestsGauge(registers: Registry[], name: string, help: string, read: () => RequestCounts): void {
  new Gauge({
    name,
    help,
    labelNames: ['request_kind'],
    registers,
    collect() {
      const { readOnly, mutating } = read();
      this.set({ request_kind: 'readOnly' }, readOnly);
      this.set({ request_kind: 'mutating' }, mutating);
    },
  });
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
