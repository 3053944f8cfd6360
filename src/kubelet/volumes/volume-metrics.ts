/** How long the kubelet's work on volumes took, and how many there are, by upstream's names. */

import type { Clock } from '#base/clock.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { gauge, type Metric, type MetricLabels, type Reading, seriesKey } from '#base/metrics/metric.ts';

/** In seconds; upstream's for all operations of storage. */
export const storageBounds: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600];

export type VolumeOperation =
  | 'volume_mount'
  | 'volume_unmount'
  | 'map_volume'
  | 'unmap_volume'
  | 'unmount_device'
  | 'volume_fs_resize';

/** Plugins of the volumes: those that pods want, and those that are set up. */
export interface VolumeCounts {
  desired(): Iterable<string>;
  actual(): Iterable<string>;
}

/** `kubernetes.io/secret`; of a CSI volume with its driver, `kubernetes.io/csi:DRIVER`. */
export function pluginLabel({ name }: { readonly name: string }, driver: string | undefined): string {
  return `kubernetes.io/${name}${driver === undefined ? '' : `:${driver}`}`;
}

export class VolumeMetrics {
  readonly metrics: readonly Metric[];
  readonly #clock: Clock;
  readonly #durations = new Histogram({
    name: 'storage_operation_duration_seconds',
    help: 'How long operations on volumes took.',
    bounds: storageBounds,
  });

  constructor(clock: Clock, counts: VolumeCounts) {
    this.#clock = clock;
    const help = 'The volumes of the node: those that its pods want, and those that are set up.';
    const total = gauge('volume_manager_total_volumes', help, () => [
      ...counted('actual_state_of_world', counts.actual()),
      ...counted('desired_state_of_world', counts.desired()),
    ]);
    this.metrics = [this.#durations, total];
  }

  /** `isMigrated`: of a cloud's disk, which is its CSI driver's. */
  async measure<T>(
    operation: VolumeOperation,
    { plugin, isMigrated = false }: { readonly plugin: string; readonly isMigrated?: boolean | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    const beganAtMs = this.#clock.monotonicMs();
    let status = 'fail-unknown';
    try {
      const result = await work();
      status = 'success';
      return result;
    } finally {
      const migrated = String(isMigrated);
      const labels = { volume_plugin: plugin, operation_name: operation, status, migrated };
      this.#durations.of(labels).observe(this.#clock.monotonicMs() - beganAtMs);
    }
  }
}

function counted(state: string, plugins: Iterable<string>): Iterable<Reading> {
  const counts = new Map<string, [MetricLabels, number]>();
  for (const plugin of plugins) {
    const labels = { plugin_name: plugin, state };
    const key = seriesKey(labels);
    counts.set(key, [labels, (counts.get(key)?.[1] ?? 0) + 1]);
  }
  return counts.values();
}
