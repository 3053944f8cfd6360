/** Resource amounts as plain numbers: what pods ask for, as upstream's resource helpers add it up, and nodes have. */

import type { Container, Pod, ResourceRequirements } from '#api/generated/types.gen.ts';
import { quantityMilliValue, quantityValue } from '#api/values/quantity.ts';

type Amounts = Record<string, string | number>;

/** Amounts by resource; cpu in milli, everything else in its own unit. */
export interface Resources {
  milliCpu: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  /** Extended resources and huge pages; absent when there are none. */
  scalars?: Map<string, number>;
}

/** What a container without requests counts for when nodes are compared (never when they are filtered). */
const defaultMilliCpuRequest = 100;
const defaultMemoryRequestBytes = 200 * 1024 * 1024;

export function noResources(): Resources {
  return { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
}

export function parseResources(amounts: Amounts | undefined): Resources {
  const parsed = noResources();
  for (const name in amounts) {
    const amount = amounts[name];
    if (name === 'cpu') parsed.milliCpu = quantityMilliValue(amount);
    else if (name === 'memory') parsed.memoryBytes = quantityValue(amount);
    else if (name === 'ephemeral-storage') parsed.ephemeralStorageBytes = quantityValue(amount);
    else if (name !== 'pods') {
      parsed.scalars ??= new Map();
      parsed.scalars.set(name, quantityValue(amount));
    }
  }
  return parsed;
}

export function addTo(total: Resources, more: Resources, sign: 1 | -1 = 1): void {
  total.milliCpu += sign * more.milliCpu;
  total.memoryBytes += sign * more.memoryBytes;
  total.ephemeralStorageBytes += sign * more.ephemeralStorageBytes;
  if (!more.scalars) return;
  total.scalars ??= new Map();
  for (const [name, amount] of more.scalars) {
    total.scalars.set(name, (total.scalars.get(name) ?? 0) + sign * amount);
  }
}

function raiseTo(total: Resources, other: Resources): void {
  total.milliCpu = Math.max(total.milliCpu, other.milliCpu);
  total.memoryBytes = Math.max(total.memoryBytes, other.memoryBytes);
  total.ephemeralStorageBytes = Math.max(total.ephemeralStorageBytes, other.ephemeralStorageBytes);
  if (!other.scalars) return;
  total.scalars ??= new Map();
  for (const [name, amount] of other.scalars) {
    total.scalars.set(name, Math.max(total.scalars.get(name) ?? 0, amount));
  }
}

/**
 * Everything the pod needs at its worst moment: the containers and sidecars together, or one init container with
 * the sidecars started before it; pod-level requests take the place of the sum; overhead on top.
 * `requestsOf` says what one container counts for.
 */
export function podRequests(pod: Pod, requestsOf: (container: Container) => Resources): Resources {
  const total = noResources();
  for (const container of pod.spec?.containers ?? []) addTo(total, requestsOf(container));
  const sidecars = noResources();
  const initPeak = noResources();
  for (const container of pod.spec?.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      addTo(sidecars, requests);
      addTo(total, requests);
      raiseTo(initPeak, sidecars);
    } else {
      const peak = noResources();
      addTo(peak, sidecars);
      addTo(peak, requests);
      raiseTo(initPeak, peak);
    }
  }
  raiseTo(total, initPeak);
  replacePodLevel(total, pod.spec?.resources);
  if (pod.spec?.overhead) addTo(total, parseResources(pod.spec.overhead as Amounts));
  return total;
}

function replacePodLevel(total: Resources, podLevel: ResourceRequirements | undefined): void {
  const requests = podLevel?.requests as Amounts | undefined;
  if (!requests) return;
  const parsed = parseResources(requests);
  if (requests['cpu'] !== undefined) total.milliCpu = parsed.milliCpu;
  if (requests['memory'] !== undefined) total.memoryBytes = parsed.memoryBytes;
  for (const [name, amount] of parsed.scalars ?? []) {
    total.scalars ??= new Map();
    total.scalars.set(name, amount);
  }
}

/** What the spec asks for, or more while the kubelet still holds more during a resize in place. */
export function containerRequests(pod: Pod): (container: Container) => Resources {
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ].filter((status) => status.allocatedResources || status.resources?.requests);
  return (container) => {
    const requests = parseResources(container.resources?.requests as Amounts | undefined);
    const status = statuses.find((each) => each.name === container.name);
    if (!status) return requests;
    raiseTo(requests, parseResources(status.allocatedResources as Amounts | undefined));
    raiseTo(requests, parseResources(status.resources?.requests as Amounts | undefined));
    return requests;
  };
}

/** As `requests`, with the defaults for containers that name no cpu or no memory. */
export function nonZero(
  requestsOf: (container: Container) => Resources,
): (container: Container) => Resources {
  return (container) => {
    const requests = requestsOf(container);
    if (container.resources?.requests?.['cpu'] === undefined) requests.milliCpu = defaultMilliCpuRequest;
    if (container.resources?.requests?.['memory'] === undefined) {
      requests.memoryBytes = defaultMemoryRequestBytes;
    }
    return requests;
  };
}
