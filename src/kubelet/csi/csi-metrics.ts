/** How long the calls of CSI drivers took and how they ended, by upstream's name. */

import type { Clock } from '#base/clock.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { RpcError } from '../grpc/rpc-error.ts';
import { storageBounds } from '../volumes/volume-metrics.ts';

interface MeasuredCall {
  readonly driver: string;
  /** `/csi.v1.Node/NodePublishVolume`. */
  readonly method: string;
  /** Of a cloud's disk, which is its CSI driver's. */
  readonly isMigrated?: boolean | undefined;
}

export class CsiMetrics {
  readonly metrics: readonly Metric[];
  readonly #clock: Clock;
  readonly #durations = new Histogram({
    name: 'csi_operations_seconds',
    help: 'How long calls of CSI drivers took, by the code of their answers.',
    bounds: storageBounds,
  });

  constructor(clock: Clock) {
    this.#clock = clock;
    this.metrics = [this.#durations];
  }

  async measure<T>({ driver, method, isMigrated = false }: MeasuredCall, call: () => Promise<T>): Promise<T> {
    const beganAtMs = this.#clock.monotonicMs();
    let code = 'OK';
    try {
      return await call();
    } catch (error) {
      code = error instanceof RpcError ? error.code : 'unknown-non-grpc';
      throw error;
    } finally {
      const migrated = String(isMigrated);
      const labels = { driver_name: driver, method_name: method, grpc_status_code: code, migrated };
      this.#durations.of(labels).observe(this.#clock.monotonicMs() - beganAtMs);
    }
  }
}
