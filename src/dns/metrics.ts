/** What the DNS of a node counts, under CoreDNS's names, as kubeadm's Corefile has it: one server, one zone. */

import { type Count, Counter } from '#base/metrics/counter.ts';
import { metricsPage } from '#base/metrics/exposition.ts';
import { Histogram, type Observations } from '#base/metrics/histogram.ts';
import { exponentialBounds, gauge, type Metric } from '#base/metrics/metric.ts';
import { PlainCounter } from '#base/metrics/plain-counter.ts';
import { responseCodeMask, responseCodes, types } from './message/codes.ts';
import type { Query } from './message/query.ts';
import type { AnswerSource, ResponderEvents } from './responder.ts';
import type { ForwarderEvents, Transport } from './upstream/forwarder.ts';

const server = 'dns://:53';
const labels = { server, zone: '.', view: '' };
const cacheLabels = { server, zones: '.', view: '' };
/** As CoreDNS: from 0.25 ms to 8 s. */
const seconds = exponentialBounds(0.00025, 2, 16);
const bytes = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];
const typeNames = new Map(Object.entries(types).map(([name, number]) => [number as number, name]));
const codeNames: Readonly<Record<number, string>> = {
  [responseCodes.noError]: 'NOERROR',
  [responseCodes.formatError]: 'FORMERR',
  [responseCodes.serverFailure]: 'SERVFAIL',
  [responseCodes.nameError]: 'NXDOMAIN',
  [responseCodes.notImplemented]: 'NOTIMP',
  [responseCodes.refused]: 'REFUSED',
};

interface CacheSizes {
  readonly success: number;
  readonly denial: number;
}

interface Sizes {
  readonly request: Observations;
  readonly response: Observations;
}

export class DnsMetrics implements ResponderEvents, ForwarderEvents {
  readonly #requests = new Counter(
    'coredns_dns_requests_total',
    'Counter of DNS requests made per zone, protocol and family.',
  );
  readonly #responses = new Counter('coredns_dns_responses_total', 'Counter of response status codes.');
  readonly #dnssec = new Counter(
    'coredns_dns_do_requests_total',
    'Counter of DNS requests with DO bit set per zone.',
  );
  readonly #durations = new Histogram({
    name: 'coredns_dns_request_duration_seconds',
    help: 'Histogram of the time (in seconds) each request took per zone.',
    bounds: seconds,
  });
  readonly #requestSizes = new Histogram({
    name: 'coredns_dns_request_size_bytes',
    help: 'Size of the requests in bytes.',
    bounds: bytes,
    scale: 1,
  });
  readonly #responseSizes = new Histogram({
    name: 'coredns_dns_response_size_bytes',
    help: 'Size of the returned response in bytes.',
    bounds: bytes,
    scale: 1,
  });
  readonly #cacheRequests = new Counter('coredns_cache_requests_total', 'The count of cache requests.');
  readonly #cacheHits = new Counter('coredns_cache_hits_total', 'The count of cache hits.');
  readonly #cacheMisses = new Counter('coredns_cache_misses_total', 'The count of cache misses.');
  readonly #proxied = new Histogram({
    name: 'coredns_proxy_request_duration_seconds',
    help: 'Histogram of the time each request took.',
    bounds: seconds,
  });
  readonly #rejected = new PlainCounter(
    'coredns_forward_max_concurrent_rejects_total',
    'Counter of the number of queries rejected because the concurrent queries were at maximum.',
  );
  readonly #requestCounts = { udp: new Map<number, Count>(), tcp: new Map<number, Count>() };
  readonly #responseCounts: Readonly<Record<AnswerSource, Map<number, Count>>> = {
    kubernetes: new Map(),
    cache: new Map(),
    forward: new Map(),
    '': new Map(),
  };
  readonly #metrics: readonly Metric[];
  readonly #family: string;
  readonly #duration = this.#durations.begin(labels);
  readonly #sizes: Readonly<Record<Transport, Sizes>>;

  /** `cacheSizes` is asked when the metrics are read. */
  constructor(host: string, cacheSizes: () => CacheSizes) {
    this.#family = host.includes(':') ? '2' : '1';
    const sizes = (proto: Transport) => ({
      request: this.#requestSizes.begin({ ...labels, proto }),
      response: this.#responseSizes.begin({ ...labels, proto }),
    });
    this.#sizes = { udp: sizes('udp'), tcp: sizes('tcp') };
    const entries = gauge('coredns_cache_entries', 'The number of elements in the cache.', () =>
      Object.entries(cacheSizes()).map(([type, size]) => [{ ...cacheLabels, type }, size] as const),
    );
    this.#metrics = [
      this.#requests,
      this.#responses,
      this.#dnssec,
      this.#durations,
      this.#requestSizes,
      this.#responseSizes,
      this.#cacheRequests,
      this.#cacheHits,
      this.#cacheMisses,
      entries,
      this.#proxied,
      this.#rejected,
    ];
  }

  /** In Prometheus' text format. */
  get page(): string {
    return metricsPage(this.#metrics);
  }

  answered(query: Query, response: Buffer, transport: Transport, source: AnswerSource, ms: number): void {
    this.#requestCount(query.type, transport).value++;
    this.#responseCount(response.readUInt8(3) & responseCodeMask, source).value++;
    if (query.edns?.dnssecOk) this.#dnssec.of(labels).value++;
    this.#duration.observe(ms);
    const sizes = this.#sizes[transport];
    sizes.request.observe(query.bytes.length);
    sizes.response.observe(response.length);
  }

  /** Labels are only made for the first query of a kind. */
  #requestCount(number: number, proto: Transport): Count {
    const key = typeNames.has(number) ? number : 0;
    const counts = this.#requestCounts[proto];
    let count = counts.get(key);
    if (!count) {
      const type = typeNames.get(number) ?? 'other';
      count = this.#requests.begin({ ...labels, proto, family: this.#family, type });
      counts.set(key, count);
    }
    return count;
  }

  #responseCount(code: number, plugin: AnswerSource): Count {
    const counts = this.#responseCounts[plugin];
    let count = counts.get(code);
    if (!count) {
      count = this.#responses.begin({ ...labels, rcode: codeNames[code] ?? String(code), plugin });
      counts.set(code, count);
    }
    return count;
  }

  cached(kind: 'success' | 'denial' | 'miss'): void {
    this.#cacheRequests.of(cacheLabels).value++;
    if (kind === 'miss') this.#cacheMisses.of(cacheLabels).value++;
    else this.#cacheHits.of({ ...cacheLabels, type: kind }).value++;
  }

  asked(to: string, code: number | undefined, ms: number): void {
    const rcode = code === undefined ? '' : (codeNames[code] ?? String(code));
    this.#proxied.of({ proxy_name: 'forward', to, rcode }).observe(ms);
  }

  refused(): void {
    this.#rejected.value++;
  }
}
