/** Counts the starts and ends of a node's containers, by upstream's names. */

import type { ContainerStatus, PodStatus } from '#api/generated/types.gen.ts';
import { Counter } from '#base/metrics/counter.ts';
import type { Metric } from '#base/metrics/metric.ts';

export type ContainerType = 'container' | 'init_container' | 'ephemeral_container';

const statusesOf = {
  container: 'containerStatuses',
  init_container: 'initContainerStatuses',
  ephemeral_container: 'ephemeralContainerStatuses',
} as const satisfies Record<ContainerType, keyof PodStatus>;

export class ContainerMetrics {
  readonly #started = new Counter('kubelet_started_containers_total', 'Containers whose start was begun.');
  readonly #failed = new Counter(
    'kubelet_started_containers_errors_total',
    'Containers that could not be started.',
  );
  readonly #ended = new Counter('kubelet_terminated_containers_total', 'Containers that have ended.');

  get metrics(): readonly Metric[] {
    return [this.#started, this.#failed, this.#ended];
  }

  started(type: ContainerType): void {
    this.#started.of({ container_type: type }).value++;
  }

  /** `code` is the reason of the container's state. */
  startFailed(type: ContainerType, code: string): void {
    this.#failed.of({ container_type: type, code }).value++;
  }

  /** Counts the containers that have ended since the status `before`. */
  reported(before: PodStatus | undefined, status: PodStatus): void {
    for (const [type, field] of Object.entries(statusesOf)) {
      for (const ended of endedSince(before?.[field] ?? [], status[field] ?? [])) {
        const { exitCode, reason = '' } = ended;
        this.#ended.of({ container_type: type, exit_code: String(exitCode), reason }).value++;
      }
    }
  }
}

function endedSince(before: readonly ContainerStatus[], now: readonly ContainerStatus[]) {
  const hadEnded = new Set(before.flatMap(({ name, state }) => (state?.terminated ? [name] : [])));
  return now.flatMap(({ name, state }) => (hadEnded.has(name) ? [] : (state?.terminated ?? [])));
}
