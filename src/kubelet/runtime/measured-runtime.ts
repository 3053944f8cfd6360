/** A runtime whose calls are counted and timed, by upstream's names of the operations. */

import type { Clock } from '#base/clock.ts';
import { Counter } from '#base/metrics/counter.ts';
import { Histogram } from '#base/metrics/histogram.ts';
import { exponentialBounds, type Metric } from '#base/metrics/metric.ts';
import { PlainCounter } from '#base/metrics/plain-counter.ts';
import type { Runtime } from './runtime.ts';

/** The calls that are counted, with upstream's names for them. */
const operations = {
  version: 'version',
  status: 'status',
  updatePodCidr: 'update_runtime_config',
  runPodSandbox: 'run_podsandbox',
  stopPodSandbox: 'stop_podsandbox',
  removePodSandbox: 'remove_podsandbox',
  podSandboxStatus: 'podsandbox_status',
  listPodSandboxes: 'list_podsandbox',
  createContainer: 'create_container',
  startContainer: 'start_container',
  stopContainer: 'stop_container',
  updateContainerResources: 'update_container',
  removeContainer: 'remove_container',
  containerStatus: 'container_status',
  listContainers: 'list_containers',
  listUsage: 'list_container_stats',
  reopenLog: 'reopen_container_log',
  execSync: 'exec_sync',
  exec: 'exec',
  attach: 'attach',
  portForward: 'port_forward',
  listImages: 'list_images',
  imageStatus: 'image_status',
  pullImage: 'pull_image',
  removeImage: 'remove_image',
} as const satisfies Partial<Record<keyof Runtime, string>>;

const bounds = exponentialBounds(0.005, 2.5, 14);

export class RuntimeMetrics {
  readonly #total = new Counter('kubelet_runtime_operations_total', 'Calls to the container runtime.');
  readonly #errors = new Counter(
    'kubelet_runtime_operations_errors_total',
    'Calls to the container runtime that failed.',
  );
  readonly #durations = new Histogram({
    name: 'kubelet_runtime_operations_duration_seconds',
    help: 'How long calls to the container runtime took.',
    bounds,
  });
  readonly #startedPods = new PlainCounter(
    'kubelet_started_pods_total',
    'Sandboxes of pods that were asked for.',
  );
  readonly #sandboxErrors = new Counter(
    'kubelet_run_podsandbox_errors_total',
    'Sandboxes of pods that could not be made.',
  );
  readonly #sandboxDurations = new Histogram({
    name: 'kubelet_run_podsandbox_duration_seconds',
    help: 'How long the making of sandboxes took.',
    bounds,
  });

  get metrics(): readonly Metric[] {
    return [
      this.#total,
      this.#errors,
      this.#durations,
      this.#startedPods,
      this.#sandboxErrors,
      this.#sandboxDurations,
    ];
  }

  /** The same runtime; what it has besides counted calls is its own. */
  measured<R extends Runtime>(runtime: R, clock: Clock): R {
    const counted = Object.entries(operations).map(([name, operation]) => {
      const call = runtime[name as keyof typeof operations].bind(runtime) as Call;
      return [name, this.#counted(operation, call, clock)] as const;
    });
    return { ...runtime, ...Object.fromEntries(counted) };
  }

  #counted(operation: string, call: Call, clock: Clock): Call {
    const labels = { operation_type: operation };
    return async (...args) => {
      this.#total.of(labels).value++;
      const beganAtMs = clock.monotonicMs();
      const isSandbox = operation === operations.runPodSandbox;
      const handler = { runtime_handler: isSandbox ? String(args[1] ?? '') : '' };
      if (isSandbox) this.#startedPods.value++;
      try {
        return await call(...args);
      } catch (error) {
        this.#errors.of(labels).value++;
        if (isSandbox) this.#sandboxErrors.of(handler).value++;
        throw error;
      } finally {
        const ms = clock.monotonicMs() - beganAtMs;
        this.#durations.of(labels).observe(ms);
        if (isSandbox) this.#sandboxDurations.of(handler).observe(ms);
      }
    };
  }
}

type Call = (...args: unknown[]) => Promise<unknown>;
