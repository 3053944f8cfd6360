/**
 * Extended resources of a pod as requests for devices of the classes that stand for them. Upstream:
 * createRequestsAndMappings of the plugin DynamicResources.
 *
 * Containers that run until the pod's end get devices of their own; an init container may use those of the containers
 * after it, and what it needs besides them is shared by all init containers, as they run one after the other.
 */

import type {
  Container,
  ContainerExtendedResourceRequest,
  DeviceRequest,
  PodSpec,
} from '#api/generated/types.gen.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { compareNames } from './pool.ts';

export interface ExtendedRequests {
  /** Sorted by name. */
  readonly requests: readonly DeviceRequest[];
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

/** `classes`: by extended resource, the name of the class that stands for it. */
export function extendedRequests(
  { initContainers = [], containers }: PodSpec,
  classes: ReadonlyMap<string, string>,
): ExtendedRequests {
  const all = [...initContainers, ...containers].map((container, index) => ({ container, index }));
  const isShort = ({ container, index }: Placed) =>
    index < initContainers.length && container.restartPolicy !== 'Always';
  const short = all.filter(isShort);
  const long = all.filter((placed) => !isShort(placed));
  const requests: DeviceRequest[] = [];
  const mappings: ContainerExtendedResourceRequest[] = [];
  for (const resource of [...classes.keys()].sort(compareNames)) {
    const own = long.map((placed) => wanted(placed, resource, classes.get(resource)!, []));
    const after = (index: number) =>
      own.filter((each) => each.index >= index).flatMap(({ request }) => request ?? []);
    const shared = short.map((placed) =>
      wanted(placed, resource, classes.get(resource)!, after(placed.index)),
    );
    const largest = shared
      .flatMap(({ request }) => request ?? [])
      .reduce<DeviceRequest | undefined>(
        (most, each) => (most && countOf(most) >= countOf(each) ? most : each),
        undefined,
      );
    requests.push(...(largest ? [largest] : []), ...own.flatMap(({ request }) => request ?? []));
    mappings.push(...own.flatMap(({ mappings }) => mappings));
    for (const { request, mappings: found } of shared) {
      const meant = (name: string) => (largest && request?.name === name ? largest.name : name);
      mappings.push(...found.map((each) => ({ ...each, requestName: meant(each.requestName) })));
    }
  }
  return { requests: requests.sort((a, b) => compareNames(a.name, b.name)), mappings };
}

interface Placed {
  readonly container: Container;
  /** Among all containers, init containers first. */
  readonly index: number;
}

interface Wanted {
  readonly index: number;
  /** Of what the reusable requests do not cover. */
  readonly request?: DeviceRequest;
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

function wanted(
  { container, index }: Placed,
  resource: string,
  deviceClassName: string,
  reusable: readonly DeviceRequest[],
): Wanted {
  const requested = container.resources?.requests ?? {};
  const count = Number(parseQuantity(requested[resource] ?? '0').asInt64() ?? 0n);
  if (count === 0) return { index, mappings: [] };
  const mapping = (requestName: string) => ({
    containerName: container.name,
    resourceName: resource,
    requestName,
  });
  const mappings: ContainerExtendedResourceRequest[] = [];
  let covered = 0;
  for (const request of reusable) {
    covered += countOf(request);
    mappings.push(mapping(request.name));
    if (covered >= count) return { index, mappings };
  }
  const place = Object.keys(requested).sort(compareNames).indexOf(resource);
  const exactly = { deviceClassName, allocationMode: 'ExactCount', count: count - covered };
  const request = { name: `container-${index}-request-${place}`, exactly };
  return { index, request, mappings: [...mappings, mapping(request.name)] };
}

function countOf({ exactly }: DeviceRequest): number {
  return exactly?.count ?? 0;
}
