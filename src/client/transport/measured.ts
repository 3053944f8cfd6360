/**
 * A transport whose requests are counted and timed, under upstream's names of its clients. The answer is handed on
 * untouched.
 */

import type { Clock } from '#base/clock.ts';
import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { Transport } from './transport.ts';

/** Upstream's. */
const bounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** Upstream's code of a request without an answer. */
const noAnswer = '<error>';

export class ClientMetrics {
  readonly metrics: readonly Metric[];
  readonly #clock: Clock;
  readonly #host: string;
  readonly #requests = new Counter(
    'rest_client_requests_total',
    'Requests of the control loops, by method and code.',
  );
  readonly #durations = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long requests of the control loops took.',
    bounds,
  });

  /** `host`: what is asked. */
  constructor(clock: Clock, host: string) {
    this.#clock = clock;
    this.#host = host;
    this.metrics = [this.#requests, this.#durations];
  }

  measured(transport: Transport): Transport {
    return {
      request: (request) => {
        const beganMs = this.#clock.monotonicMs();
        const answer = transport.request(request);
        answer.then(
          ({ status }) => this.#answered(request.method, String(status), beganMs),
          () => this.#answered(request.method, noAnswer, beganMs),
        );
        return answer;
      },
      close: () => transport.close(),
    };
  }

  #answered(method: string, code: string, beganMs: number): void {
    this.#requests.of({ code, host: this.#host, method }).value++;
    const durations = this.#durations.of({ verb: method, host: this.#host });
    durations.observe(this.#clock.monotonicMs() - beganMs);
  }
}
