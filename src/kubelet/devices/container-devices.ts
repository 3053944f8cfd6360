/**
 * What a container is given of the devices that its pod was allocated: the sources of it, asked in turn before the
 * container is created. Upstream: `GetResources` of pkg/kubelet/cm/container_manager_linux.go.
 */

import type { ResourceStatus } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { NodePod } from '../pod/pod.ts';
import type { ContainerDevice, ContainerMount } from '../runtime/runtime-config.ts';

export interface ContainerDevices {
  readonly devices: readonly ContainerDevice[];
  readonly mounts: readonly ContainerMount[];
  /** Variables of the same name in the pod's own environment win. */
  readonly envs: readonly { key: string; value: string }[];
  /** Of the container in the runtime; the kubelet's own annotations win. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Devices of the Container Device Interface, as `vendor.com/class=name`. */
  readonly cdiDevices: readonly string[];
}

/** A manager of devices: of device plugins, or of resource claims. */
export interface DeviceSource {
  /**
   * Asked at each creation of a container, also after a restart of the kubelet: what was allocated when the pod was
   * admitted. Undefined for a container without devices of this source. The message of an error goes into the event
   * and the status (`CreateContainerConfigError`), and the container is tried again. `signal`: the pod has to end.
   */
  devicesOf(
    pod: NodePod,
    container: AnyContainer,
    signal: AbortSignal,
  ): Promise<ContainerDevices | undefined>;
  /** The health of the container's devices, for `allocatedResourcesStatus`; empty for a container without any. */
  healthOf?(pod: NodePod, container: AnyContainer): ResourceStatus[];
}

/** Of all sources together, in their order. */
export async function containerDevices(
  sources: readonly DeviceSource[],
  pod: NodePod,
  container: AnyContainer,
  signal: AbortSignal,
): Promise<ContainerDevices> {
  const found: ContainerDevices[] = [];
  for (const source of sources) {
    const devices = await source.devicesOf(pod, container, signal);
    if (devices) found.push(devices);
  }
  return {
    devices: found.flatMap(({ devices }) => devices),
    mounts: found.flatMap(({ mounts }) => mounts),
    envs: found.flatMap(({ envs }) => envs),
    annotations: Object.assign({}, ...found.map(({ annotations }) => annotations)),
    cdiDevices: found.flatMap(({ cdiDevices }) => cdiDevices),
  };
}
