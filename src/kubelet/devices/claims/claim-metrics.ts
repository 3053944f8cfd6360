/** What the node measures of resource claims, by upstream's names: pkg/kubelet/metrics. */

import type { Clock } from '#base/clock.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { exponentialBounds, gauge, type Metric } from '#base/metrics/metric.ts';
import type { PreparedClaim } from './prepared-claim.ts';

/** From 0.1 to 40 seconds. */
const bounds = exponentialBounds(0.1, 400 ** (1 / 14), 15);

export type ClaimOperation = 'PrepareResources' | 'UnprepareResources';

export class ClaimMetrics {
  readonly #clock: Clock;
  readonly #operations = new Histogram({
    name: 'dra_operations_duration_seconds',
    help: 'How long the preparing and unpreparing of all claims of a pod took.',
    bounds,
  });
  readonly #calls = new Histogram({
    name: 'dra_grpc_operations_duration_seconds',
    help: 'How long calls to drivers of resource claims took.',
    bounds,
  });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  metrics(claims: () => readonly PreparedClaim[]): readonly Metric[] {
    const inUse = gauge(
      'dra_resource_claims_in_use',
      'Claims that are prepared on the node, by driver and of any.',
      () => claimsInUse(claims()).map(([driver, count]) => [{ driver_name: driver }, count]),
    );
    return [this.#operations, this.#calls, inUse];
  }

  /** Measures `run`. */
  async operation<T>(name: ClaimOperation, run: () => Promise<T>): Promise<T> {
    return this.#timed(run, (isError, ms) => {
      this.#operations.of({ operation_name: name, is_error: String(isError) }).observe(ms);
    });
  }

  /** `codeOf`: the gRPC code of a failure. */
  async call<T>(
    driver: string,
    method: string,
    run: () => Promise<T>,
    codeOf: (error: unknown) => string,
  ): Promise<T> {
    let code = 'OK';
    const coded = () =>
      run().catch((error) => {
        code = codeOf(error);
        throw error;
      });
    return this.#timed(coded, (_, ms) => {
      const labels = { driver_name: driver, method_name: method, grpc_status_code: code };
      this.#calls.of(labels).observe(ms);
    });
  }

  async #timed<T>(run: () => Promise<T>, observe: (isError: boolean, ms: number) => void): Promise<T> {
    const startMs = this.#clock.monotonicMs();
    let isError = true;
    try {
      const result = await run();
      isError = false;
      return result;
    } finally {
      observe(isError, this.#clock.monotonicMs() - startMs);
    }
  }
}

/** Upstream's label for all drivers together. */
const anyDriver = '<any>';

function claimsInUse(claims: readonly PreparedClaim[]): [driver: string, count: number][] {
  const prepared = claims.filter(({ isPrepared }) => isPrepared);
  const counts = new Map([[anyDriver, prepared.length]]);
  for (const driver of prepared.flatMap(({ devices }) => [...devices.keys()])) {
    counts.set(driver, (counts.get(driver) ?? 0) + 1);
  }
  return [...counts];
}
