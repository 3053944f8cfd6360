/** The containers of a pod: all, those that run as long as the pod, and their statuses. */

import type {
  Container,
  ContainerStatus,
  EphemeralContainer,
  PodSpec,
  PodStatus,
} from '../generated/types.gen.ts';

export type AnyContainer = Container | EphemeralContainer;

type Containers = Partial<Pick<PodSpec, 'containers' | 'initContainers' | 'ephemeralContainers'>>;

/** An init container with restartPolicy Always. */
export function isSidecar(container: AnyContainer): boolean {
  return container.restartPolicy === 'Always';
}

export function sidecars(spec: Containers | undefined): Container[] {
  return spec?.initContainers?.filter(isSidecar) ?? [];
}

/** Init containers and main containers, in the order in which they start. */
export function startedContainers(spec: Containers | undefined): Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

/** Init, main and ephemeral containers. */
export function allContainers(spec: Containers | undefined): AnyContainer[] {
  return [...startedContainers(spec), ...(spec?.ephemeralContainers ?? [])];
}

/** Main containers and sidecars: those that run as long as the pod and hold its ports. */
export function lastingContainers(spec: Containers | undefined): Container[] {
  return [...(spec?.containers ?? []), ...sidecars(spec)];
}

export function findContainer(spec: Containers | undefined, name: string): AnyContainer | undefined {
  return allContainers(spec).find((container) => container.name === name);
}

/** Statuses of init and main containers. */
export function startedStatuses(status: PodStatus | undefined): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

export function containerStatus(status: PodStatus | undefined, name: string): ContainerStatus | undefined {
  const all = [...startedStatuses(status), ...(status?.ephemeralContainerStatuses ?? [])];
  return all.find((container) => container.name === name);
}
