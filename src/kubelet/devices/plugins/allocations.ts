/** Which devices are whose: by pod, container and resource. */

import { isSidecar, startedContainers } from '#api/pods/containers.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { AllocateAnswer } from './device.ts';

/** Where a device without topology is counted. */
export const noNumaNode = -1;

export interface Allocation {
  /** Ids by NUMA node; a device that is near to several stands at each. */
  readonly byNode: ReadonlyMap<number, readonly string[]>;
  readonly answer: AllocateAnswer;
}

export interface AllocationEntry {
  readonly podUid: string;
  readonly container: string;
  readonly resource: string;
  readonly allocation: Allocation;
}

export function idsOf({ byNode }: Allocation): Set<string> {
  return new Set([...byNode.values()].flat());
}

/** The NUMA nodes of each device, by its id; none for a device without topology. */
export function nodesOfDevices({ byNode }: Allocation): Map<string, number[]> {
  const nodesOf = new Map<string, number[]>();
  for (const [node, ids] of byNode) {
    for (const id of ids) {
      const nodes = nodesOf.get(id) ?? [];
      if (node !== noNumaNode) nodes.push(node);
      nodesOf.set(id, nodes);
    }
  }
  return nodesOf;
}

export class Allocations {
  readonly #pods = new Map<string, Map<string, Map<string, Allocation>>>();

  constructor(entries: Iterable<AllocationEntry> = []) {
    for (const entry of entries) this.insert(entry);
  }

  insert({ podUid, container, resource, allocation }: AllocationEntry): void {
    const containers = this.#pods.get(podUid) ?? new Map<string, Map<string, Allocation>>();
    const resources = containers.get(container) ?? new Map<string, Allocation>();
    this.#pods.set(podUid, containers.set(container, resources.set(resource, allocation)));
  }

  hasPod(podUid: string): boolean {
    return this.#pods.has(podUid);
  }

  /** By resource. */
  of(podUid: string, container: string): ReadonlyMap<string, Allocation> {
    return this.#pods.get(podUid)?.get(container) ?? new Map();
  }

  /** Undefined where the container was allocated none of the resource. */
  ids(podUid: string, container: string, resource: string): Set<string> | undefined {
    const allocation = this.of(podUid, container).get(resource);
    return allocation && idsOf(allocation);
  }

  /** Of all containers of the pod. */
  podIds(podUid: string, resource: string): Set<string> {
    const entries = this.entries().filter((entry) => entry.podUid === podUid && entry.resource === resource);
    return new Set(entries.flatMap(({ allocation }) => [...idsOf(allocation)]));
  }

  entries(): AllocationEntry[] {
    return [...this.#pods].flatMap(([podUid, containers]) =>
      [...containers].flatMap(([container, resources]) =>
        Array.from(resources, ([resource, allocation]) => ({ podUid, container, resource, allocation })),
      ),
    );
  }

  podUids(): Iterable<string> {
    return this.#pods.keys();
  }

  release(podUid: string): void {
    this.#pods.delete(podUid);
  }

  /**
   * The devices of init containers that have ended when the container starts, and of which no container that runs
   * beside it has any: the container gets these first.
   */
  reusable(pod: NodePod, container: string, resource: string): Set<string> {
    let reusable = new Set<string>();
    for (const earlier of startedContainers(pod.spec)) {
      if (earlier.name === container) break;
      const ids = this.ids(pod.metadata.uid, earlier.name, resource) ?? new Set();
      const isInit = pod.spec.initContainers?.includes(earlier) ?? false;
      reusable = isInit && !isSidecar(earlier) ? reusable.union(ids) : reusable.difference(ids);
    }
    return reusable;
  }
}
