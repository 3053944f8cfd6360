/** The metrics of `/metrics` and `/metrics/slis`, under upstream's names. */

import { Gauge, Registry } from 'prom-client';
import { type Count, Counter } from '#base/metrics/counter.ts';
import { HealthMetrics } from '#base/metrics/health.ts';
import { Histogram, type HistogramOptions, type Observations } from '#base/metrics/histogram.ts';
import { registered, registerMetrics } from '../contract/register-metrics.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { AccessMetrics } from './access-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { labelsOf, partOfServer, requestLabels, scopeOf, unnamed } from './request-labels.ts';
import { registerServerFacts, type ServerFacts } from './server-facts.ts';
import { StageDurations } from './stage-durations.ts';

const bucketSeconds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
const indicatorSeconds = bucketSeconds.filter((seconds) => seconds >= 0.05);
const responseBytes = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** Up to the largest body that is taken. */
const bodyBytes = Array.from({ length: 31 }, (_, i) => 50_000 + 100_000 * i);
const writing = new Set(['create', 'update', 'patch']);
const seriesMax = 5000;

interface RequestCounts {
  readonly readOnly: number;
  readonly mutating: number;
}

export type InFlight = Readonly<Record<'executing' | 'waiting', RequestCounts>>;

/** Requests with one set of labels and one code. */
interface RequestSeries {
  readonly count: Count;
  readonly measures: Measures;
}

/** Of requests with one set of labels. */
interface Measures {
  readonly durations: Observations;
  /** With the buckets of upstream's service level indicators. */
  readonly indicated: Observations;
  /** Sizes of answers, for reads. */
  readonly sizes: Observations | undefined;
  /** Sizes of the bodies of requests, for writes of resources. */
  readonly bodies: Observations | undefined;
}

/** A request that was not long-running, and its answer. */
export interface AnsweredRequest {
  readonly info: RequestInfo;
  readonly code: number;
  readonly ms: number;
  /** Of the body of the answer. */
  readonly bytes: number;
  /** Of the body of the request. */
  readonly bodyBytes: number;
  readonly isApply: boolean;
  readonly isDryRun: boolean;
}

export interface MetricSources extends ServerFacts {
  isDeprecated(info: RequestInfo): boolean;
  /** Whether there is such a resource, or subresource. */
  isServed(info: RequestInfo): boolean;
  inFlight(): InFlight;
}

export class Metrics {
  readonly registry: Registry;
  readonly health = new HealthMetrics();
  readonly stages: StageDurations;
  readonly access: AccessMetrics;
  readonly #sources: MetricSources;
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #indicated: Histogram;
  readonly #sizes: Histogram;
  readonly #bodies: Histogram;
  readonly #deprecated: Gauge;
  readonly #longRunning: Gauge;

  /** By labels and code: looking labels up costs more than counting. */
  readonly #series = new Map<string, RequestSeries>();
  /** By labels. */
  readonly #measures = new Map<string, Measures>();
  readonly #bodiesByResource = new Map<string, Observations>();
  /** Long-running requests, by labels and code. */
  readonly #opened = new Map<string, Count>();

  constructor(sources: MetricSources, registry = new Registry()) {
    this.registry = registry;
    this.#sources = sources;
    this.stages = new StageDurations(registry);
    this.access = new AccessMetrics(registry);
    const registers = [registry];
    const histogram = (options: HistogramOptions) => registered(registry, new Histogram(options));
    this.#requests = registered(
      registry,
      new Counter('apiserver_request_total', 'Requests by verb, resource and HTTP code.'),
    );
    this.#durations = histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'How long answering took, long-running requests excepted.',
      bounds: bucketSeconds,
    });
    this.#indicated = histogram({
      name: 'apiserver_request_sli_duration_seconds',
      help: 'How long answering took, in the buckets of the indicators of the service level.',
      bounds: indicatorSeconds,
    });
    this.#sizes = histogram({
      name: 'apiserver_response_sizes',
      help: 'The bytes of answers to reads.',
      bounds: responseBytes,
      scale: 1,
    });
    this.#bodies = histogram({
      name: 'apiserver_request_body_size_bytes',
      help: 'The bytes of what is written.',
      bounds: bodyBytes,
      scale: 1,
    });
    this.#deprecated = new Gauge({
      name: 'apiserver_requested_deprecated_apis',
      help: 'Deprecated versions that were requested.',
      labelNames: ['group', 'version', 'resource', 'subresource', 'removed_release'],
      registers,
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
    registerMetrics(registry, processMetrics());
    registerServerFacts(registry, sources);
  }

  answered(answered: AnsweredRequest): void {
    const { measures, count } = this.#series.get(keyOf(answered)) ?? this.#begin(answered);
    count.value++;
    measures.durations.observe(answered.ms);
    measures.indicated.observe(answered.ms);
    measures.sizes?.observe(answered.bytes);
    measures.bodies?.observe(answered.bodyBytes);
  }

  #begin(answered: AnsweredRequest): RequestSeries {
    const info = this.#named(answered.info, this.#series);
    const named = { ...answered, info };
    const key = keyOf(named);
    const known = this.#series.get(key);
    if (known) return known;
    const labels = labelsOf(named);
    const dry_run = named.isDryRun ? 'All' : '';
    const ofLabels = JSON.stringify([labels, dry_run]);
    const measures = this.#measures.get(ofLabels) ?? {
      durations: this.#durations.begin({ ...labels, dry_run }),
      indicated: this.#indicated.begin(labels),
      sizes: labels.verb === 'GET' || labels.verb === 'LIST' ? this.#sizes.begin(labels) : undefined,
      bodies: info.isResource && writing.has(info.verb) ? this.#bodiesOf(info) : undefined,
    };
    const count = this.#requests.begin({ ...labels, dry_run, code: named.code });
    this.#measures.set(ofLabels, measures);
    this.#noteDeprecation(info);
    this.#series.set(key, { count, measures });
    return { count, measures };
  }

  /** Clients choose what is in a path: a series has the names of resources that exist, up to `seriesMax`. */
  #named(info: RequestInfo, series: ReadonlyMap<string, unknown>): RequestInfo {
    const hasName = series.size < seriesMax && (!info.isResource || this.#sources.isServed(info));
    return hasName ? info : { ...info, ...unnamed };
  }

  /** By verb, group and resource, which are fewer labels than those of a series. */
  #bodiesOf({ verb, group, resource }: RequestInfo): Observations {
    const key = `${verb} ${group} ${resource}`;
    let bodies = this.#bodiesByResource.get(key);
    if (!bodies) {
      bodies = this.#bodies.begin({ group, resource, verb });
      this.#bodiesByResource.set(key, bodies);
    }
    return bodies;
  }

  #noteDeprecation(info: RequestInfo): void {
    if (!info.isResource || !this.#sources.isDeprecated(info)) return;
    const { group, version, resource, subresource } = info;
    this.#deprecated.set({ group, version, resource, subresource, removed_release: '' }, 1);
  }

  /** Returns the function to call at the end. */
  longRunning(given: RequestInfo, code: number): () => void {
    const info = this.#named(given, this.#opened);
    const labels = labelsOf({ info, isApply: false });
    const key = `long ${JSON.stringify(labels)} ${code}`;
    let count = this.#opened.get(key);
    if (!count) {
      count = this.#requests.begin({ ...labels, dry_run: '', code });
      this.#opened.set(key, count);
    }
    count.value++;
    this.#longRunning.inc(labels);
    return () => this.#longRunning.dec(labels);
  }
}

function keyOf({ info, code, isApply, isDryRun }: AnsweredRequest): string {
  const { verb, group, version, resource, subresource } = info;
  const how = `${isApply ? 'apply' : verb}${isDryRun ? ' dry' : ''}`;
  const what = info.isResource ? resource : partOfServer(info);
  return `${how} ${group} ${version} ${what} ${subresource} ${scopeOf(info)} ${code}`;
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
