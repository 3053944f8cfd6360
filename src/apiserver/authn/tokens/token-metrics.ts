/** The metrics of ServiceAccount tokens and of the cache of tokens, under upstream's names. */

import type { Clock } from '#base/clock.ts';
import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { countedElsewhere, gauge, type Metric } from '#base/metrics/metric.ts';

/** Prometheus' own. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class TokenMetrics {
  readonly metrics: readonly Metric[];
  readonly cache: TokenCacheMetrics;
  /** Bound tokens that were accepted; stale ones are used after their owner should have renewed them. */
  readonly accepted = { valid: 0, stale: 0 };
  /** Accepted tokens of Secrets. */
  legacy = 0;

  constructor(clock: Clock) {
    this.cache = new TokenCacheMetrics(clock);
    const total = (name: string, help: string, value: () => number) =>
      countedElsewhere(`serviceaccount_${name}_tokens_total`, help, () => [[{}, value()]]);
    this.metrics = [
      total('valid', 'Bound tokens that were used in time.', () => this.accepted.valid),
      total('stale', 'Bound tokens that were used although they should have been renewed.', () => {
        return this.accepted.stale;
      }),
      total('legacy', 'Tokens of Secrets that were used.', () => this.legacy),
      ...this.cache.metrics,
    ];
  }
}

export class TokenCacheMetrics {
  readonly metrics: readonly Metric[];
  readonly #clock: Clock;
  readonly #requests: Record<'hit' | 'miss', ReturnType<Histogram['begin']>>;
  readonly #fetches = new Counter('authentication_token_cache_fetch_total', 'Tokens that were looked up.');
  readonly #active = { in_flight: 0, blocked: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
    const durations = new Histogram({
      name: 'authentication_token_cache_request_duration_seconds',
      help: 'How long it took to know a token, from the cache or not.',
      bounds,
    });
    const [hit, miss] = [durations.begin({ status: 'hit' }), durations.begin({ status: 'miss' })];
    this.#requests = { hit, miss };
    this.metrics = [
      durations,
      countedElsewhere('authentication_token_cache_request_total', 'Tokens that the cache was asked.', () => [
        [{ status: 'hit' }, hit.count],
        [{ status: 'miss' }, miss.count],
      ]),
      this.#fetches,
      gauge('authentication_token_cache_active_fetch_count', 'Tokens that are being looked up.', () =>
        Object.entries(this.#active).map(([status, count]) => [{ status }, count]),
      ),
    ];
  }

  /** The cache knew the token, within the same millisecond. */
  hit(): void {
    this.#requests.hit.observe(0);
  }

  /** A request waits for the result of a look-up; `isShared`: of one that another request began. */
  async missed<T>(looking: Promise<T>, isShared: boolean): Promise<T> {
    const beganMs = this.#clock.monotonicMs();
    if (isShared) this.#active.blocked++;
    try {
      return await looking;
    } finally {
      if (isShared) this.#active.blocked--;
      this.#requests.miss.observe(this.#clock.monotonicMs() - beganMs);
    }
  }

  async fetching<T>(fetch: Promise<T> | T): Promise<T> {
    this.#active.in_flight++;
    let status = 'ok';
    try {
      return await fetch;
    } catch (error) {
      status = 'error';
      throw error;
    } finally {
      this.#active.in_flight--;
      this.#fetches.of({ status }).value++;
    }
  }
}
