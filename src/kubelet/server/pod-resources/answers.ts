/**
 * What the pod resources API answers: the processors, memory and devices that containers have for themselves. Upstream:
 * pkg/kubelet/apis/podresources and the functions of container_manager_linux.go that it asks.
 */

import { type AnyContainer, sidecars } from '#api/pods/containers.ts';
import type { ClaimManager } from '../../devices/claims/claim-manager.ts';
import type { PreparedClaim } from '../../devices/claims/prepared-claim.ts';
import type { PlacedDevice } from '../../devices/plugins/device.ts';
import type { DevicePlugins } from '../../devices/plugins/device-plugins.ts';
import type { Message } from '../../grpc/service-types.ts';
import type { CpuManager } from '../../node/cpus/cpu-manager.ts';
import type { MemoryManager } from '../../node/memory/memory-manager.ts';
import type { Block } from '../../node/memory/state.ts';
import type { NodePod } from '../../pod/pod.ts';

/** What is asked of the managers of a node. */
export interface ResourceSources {
  readonly devices: Pick<DevicePlugins, 'allocated' | 'allocatable'>;
  /** Absent where containers use all processors. */
  readonly cpus: Pick<CpuManager, 'exclusive' | 'allocatable'> | undefined;
  /** Absent where containers use the memory of all NUMA nodes. */
  readonly memory: Pick<MemoryManager, 'blocks' | 'allocatable'> | undefined;
  readonly claims: { readonly manager: Pick<ClaimManager, 'preparedClaims'> };
}

export function podAnswer(pod: NodePod, sources: ResourceSources): Message {
  const { name, namespace } = pod.metadata;
  const containers = [...sidecars(pod.spec), ...pod.spec.containers];
  return {
    name,
    namespace,
    containers: containers.map((container) => containerAnswer(pod, container, sources)),
  };
}

function containerAnswer(pod: NodePod, container: AnyContainer, sources: ResourceSources): Message {
  const { devices, cpus, memory } = sources;
  const { uid } = pod.metadata;
  return {
    name: container.name,
    devices: devices.allocated(uid, container.name).flatMap(deviceAnswers),
    cpuIds: [...(cpus?.exclusive(uid, container.name) ?? [])],
    memory: (memory?.blocks(uid, container.name) ?? []).map(memoryAnswer),
    dynamicResources: claimAnswers(pod, container, sources),
  };
}

export function allocatableAnswer({ devices, cpus, memory }: ResourceSources): Message {
  return {
    devices: devices.allocatable().flatMap(deviceAnswers),
    cpuIds: [...(cpus?.allocatable ?? [])],
    memory: (memory?.allocatable() ?? []).map(memoryAnswer),
  };
}

function memoryAnswer({ numaAffinity, type, size }: Block): Message {
  return { memoryType: type, size, topology: { nodes: numaAffinity.map((node) => ({ ID: node })) } };
}

/** A device that is near to several nodes is answered once for each, as upstream. */
function deviceAnswers({ resource: resourceName, id, numaNodes }: PlacedDevice): Message[] {
  const device = { resourceName, deviceIds: [id] };
  if (numaNodes.length === 0) return [device];
  return numaNodes.map((node) => ({ ...device, topology: { nodes: [{ ID: node }] } }));
}

function claimAnswers(
  pod: NodePod,
  container: AnyContainer,
  { claims: { manager } }: ResourceSources,
): Message[] {
  let claims: readonly PreparedClaim[] = [];
  try {
    claims = manager.preparedClaims(pod, container);
  } catch {
    // Upstream answers none, too, before the claims are prepared.
  }
  return claims.map(({ name, namespace, devices }) => ({
    claimName: name,
    claimNamespace: namespace,
    claimResources: [...devices].flatMap(([driverName, prepared]) =>
      prepared.map(({ poolName, deviceName, shareId, cdiDeviceIds }) => ({
        cdiDevices: cdiDeviceIds.map((id) => ({ name: id })),
        driverName,
        poolName,
        deviceName,
        ...(shareId === undefined ? {} : { shareId }),
      })),
    ),
  }));
}
