/** On which NUMA nodes the devices that a pod or container requests could be had, of each resource of a plugin. */

import type { Container } from '#api/generated/types.gen.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { HintProvider, ResourceHints } from '../../topology/hint.ts';
import type { Allocations } from './allocations.ts';
import type { Device } from './device.ts';
import { type DeviceRequest, deviceHints } from './hints.ts';
import type { PluginResource } from './plugin-resource.ts';
import { deviceRequests, podDeviceRequests } from './requests.ts';

export interface DeviceHintParts {
  /** Those of ended pods are released before the hints are made. */
  readonly allocations: Allocations;
  /** Of the machine. */
  readonly numaNodes: readonly number[];
  resource(name: string): PluginResource | undefined;
  isOfPlugin(resource: string): boolean;
  inUse(resource: string): ReadonlySet<string>;
  releaseEnded(): void;
}

const noResource = { devices: new Map<string, Device>(), healthy: new Map<string, Device>() };

export class DeviceHintProvider implements HintProvider {
  readonly #parts: DeviceHintParts;

  constructor(parts: DeviceHintParts) {
    this.#parts = parts;
  }

  hints(pod: NodePod, container: Container): ResourceHints {
    const { allocations } = this.#parts;
    const requests = deviceRequests(pod, container, this.#parts.isOfPlugin);
    return this.#hints(requests, (name) => ({
      allocated: allocations.ids(pod.metadata.uid, container.name, name) ?? new Set(),
      reusable: allocations.reusable(pod, container.name, name),
    }));
  }

  podHints(pod: NodePod): ResourceHints {
    const requests = podDeviceRequests(pod, this.#parts.isOfPlugin);
    return this.#hints(requests, (name) => ({
      allocated: this.#parts.allocations.podIds(pod.metadata.uid, name),
      reusable: new Set(),
    }));
  }

  #hints(
    requests: ReadonlyMap<string, number>,
    before: (name: string) => Pick<DeviceRequest, 'allocated' | 'reusable'>,
  ): ResourceHints {
    const { resource: find, inUse, releaseEnded, numaNodes } = this.#parts;
    releaseEnded();
    const entries = Array.from(requests, ([name, count]) => {
      const resource = find(name) ?? noResource;
      const request = { resource, count, inUse: inUse(name), ...before(name) };
      return [name, deviceHints(request, numaNodes)] as const;
    });
    return new Map(entries);
  }
}
