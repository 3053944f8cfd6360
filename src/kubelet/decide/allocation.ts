/**
 * The cpu and memory that the containers of one pod were granted, and those they run with: equal to the pod's
 * spec except during a resize. A resize that the node cannot grant changes neither.
 */

import type { Container, ResourceRequirements } from '#api/generated/types.gen.ts';
import { type AnyContainer, startedContainers, startedStatuses } from '#api/pods/containers.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { NodePod } from '../pod/pod.ts';
import type { ContainerSummary } from '../runtime/runtime.ts';

/** Written at a container's creation, for a kubelet that starts when no status shows its resources. */
export const resourcesAnnotation = 'kybern.dev/resources';

const resizable = ['cpu', 'memory'] as const;

export class Allocation {
  /** By container name. */
  #granted: ReadonlyMap<string, ResourceRequirements>;
  /** By container id: what was changed since its creation. */
  readonly #changed = new Map<string, ResourceRequirements>();

  constructor(pod: NodePod) {
    const statuses = startedStatuses(pod.status);
    this.#granted = new Map(
      startedContainers(pod.spec).map((container) => {
        const status = statuses.find((status) => status.name === container.name);
        const reported = status?.containerID ? status.resources : undefined;
        return [container.name, reported ?? container.resources ?? {}];
      }),
    );
    for (const { containerID, resources } of statuses) {
      if (containerID && resources) this.#changed.set(containerID.replace(/^.*\/\//, ''), resources);
    }
  }

  /** The pod as it may run. */
  applied(pod: NodePod): NodePod {
    if (!this.differs(pod)) return pod;
    const apply = (list: Container[]) =>
      list.map((container) => ({
        ...container,
        resources: this.#granted.get(container.name) ?? container.resources ?? {},
      }));
    const { initContainers: init } = pod.spec;
    return {
      ...pod,
      spec: {
        ...pod.spec,
        containers: apply(pod.spec.containers),
        ...(init ? { initContainers: apply(init) } : {}),
      },
    };
  }

  /** Whether the pod's spec differs from what it was granted. */
  differs(pod: NodePod): boolean {
    return startedContainers(pod.spec).some(
      ({ name, resources }) => !isSame(resources, this.#granted.get(name) ?? resources),
    );
  }

  grant(pod: NodePod): void {
    this.#granted = new Map(
      startedContainers(pod.spec).map((container) => [container.name, container.resources ?? {}]),
    );
  }

  /** What a container of the runtime runs with. */
  actual(container: AnyContainer, { id, annotations }: Pick<ContainerSummary, 'id' | 'annotations'>) {
    const written = annotations[resourcesAnnotation];
    return (
      this.#changed.get(id) ??
      (written ? (JSON.parse(written) as ResourceRequirements) : (container.resources ?? {}))
    );
  }

  setActual(id: string, resources: ResourceRequirements): void {
    this.#changed.set(id, resources);
  }
}

export function isSame(a: ResourceRequirements = {}, b: ResourceRequirements = {}): boolean {
  return resizable.every((name) => !hasChanged(name, a, b));
}

/** Whether one of the changes has the resize policy RestartContainer. */
export function wantsRestart(
  container: AnyContainer,
  before: ResourceRequirements,
  after: ResourceRequirements,
): boolean {
  return resizable.some((name) => {
    const policy = container.resizePolicy?.find((policy) => policy.resourceName === name)?.restartPolicy;
    return policy === 'RestartContainer' && hasChanged(name, before, after);
  });
}

function hasChanged(name: 'cpu' | 'memory', a: ResourceRequirements, b: ResourceRequirements): boolean {
  const partOf = ({ requests, limits }: ResourceRequirements) => ({
    requests: { [name]: requests?.[name] },
    limits: { [name]: limits?.[name] },
  });
  return !deepEqual(partOf(a), partOf(b), 'io.k8s.api.core.v1.ResourceRequirements');
}
