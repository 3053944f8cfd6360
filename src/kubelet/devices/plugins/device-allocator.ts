/** Has a plugin allocate devices to a container, which are reserved from the moment at which they are chosen. */

import type { AnyContainer } from '#api/pods/containers.ts';
import type { Clock } from '#base/clock.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { NumaMask } from '../../topology/numa-mask.ts';
import { type Allocations, idsOf } from './allocations.ts';
import { byNumaNode, chooseDevices } from './choose.ts';
import type { Endpoint } from './endpoint.ts';
import type { DeviceMetrics } from './metrics.ts';
import type { PluginResource } from './plugin-resource.ts';

export interface WantedDevices {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly resource: PluginResource;
  readonly count: number;
  readonly affinity: NumaMask | undefined;
  readonly signal: AbortSignal;
}

export interface PreStart {
  readonly podUid: string;
  readonly container: string;
  /** Of the resource. */
  readonly name: string;
  readonly endpoint: Endpoint | undefined;
  readonly signal: AbortSignal;
}

export class DeviceAllocator {
  readonly #clock: Clock;
  readonly #allocations: Allocations;
  readonly #metrics: DeviceMetrics;
  /** Chosen, but not allocated yet, by resource. */
  readonly #reserved = new Map<string, Set<string>>();

  constructor(clock: Clock, allocations: Allocations, metrics: DeviceMetrics) {
    this.#clock = clock;
    this.#allocations = allocations;
    this.#metrics = metrics;
  }

  /** Allocated or reserved. */
  inUse(name: string): Set<string> {
    const entries = this.#allocations.entries().filter(({ resource }) => resource === name);
    const allocated = entries.flatMap(({ allocation }) => [...idsOf(allocation)]);
    return new Set([...allocated, ...(this.#reserved.get(name) ?? [])]);
  }

  /** Rejects, with upstream's words, when too few are free or the plugin fails. */
  async allocate(wanted: WantedDevices): Promise<void> {
    const { pod, container, resource, signal } = wanted;
    const { name } = resource;
    const reserved = this.#reserved.get(name) ?? new Set();
    this.#reserved.set(name, reserved);
    let chosen: ReadonlySet<string> = new Set();
    try {
      await chooseDevices({
        ...wanted,
        reusable: this.#allocations.reusable(pod, container.name, name),
        inUse: () => this.inUse(name),
        reserve: (ids) => {
          chosen = ids;
          for (const id of ids) reserved.add(id);
        },
        prefer: (available, mustInclude, size) =>
          resource.endpoint.options.getPreferredAllocationAvailable
            ? resource.endpoint.prefer(available, mustInclude, size, signal)
            : undefined,
      });
      const startMs = this.#clock.monotonicMs();
      const asked = resource.endpoint.allocate([...chosen], signal);
      const answer = await asked.finally(() =>
        this.#metrics.allocated(name, this.#clock.monotonicMs() - startMs),
      );
      const allocation = { byNode: byNumaNode(resource.devices, chosen), answer };
      this.#allocations.insert({
        podUid: pod.metadata.uid,
        container: container.name,
        resource: name,
        allocation,
      });
    } finally {
      for (const id of chosen) reserved.delete(id);
    }
  }

  /** Has the plugin prepare the container's devices, if it asks for that. Rejects, with upstream's words. */
  async preStart({ podUid, container, name, endpoint, signal }: PreStart): Promise<void> {
    if (!endpoint) throw new Error(`endpoint not found in cache for a registered resource: ${name}`);
    if (!endpoint.options.preStartRequired) return;
    const ids = this.#allocations.ids(podUid, container, name);
    if (!ids) {
      const place = `for pod ${podUid}, container ${container}, resource ${name}`;
      throw new Error(`no devices found allocated in local cache ${place}`);
    }
    await endpoint.preStart([...ids], signal);
  }
}
