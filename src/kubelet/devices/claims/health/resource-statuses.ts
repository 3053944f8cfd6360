/**
 * The health of a container's claimed devices, for its `allocatedResourcesStatus`. Pure. Upstream:
 * `UpdateAllocatedResourcesStatus` of pkg/kubelet/cm/dra.
 */

import { podClaimName } from '#api/devices/pod-claim.ts';
import { baseRequest } from '#api/devices/requests.ts';
import type { Container, ResourceHealth, ResourceStatus } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { NodePod } from '../../../pod/pod.ts';
import { isFor, type PreparedClaim, type PreparedDevice } from '../prepared-claim.ts';
import type { DeviceHealth, HealthyDevice } from './device-health.ts';

export interface HealthSource {
  /** By name, in the pod's namespace. */
  claim(name: string): PreparedClaim | undefined;
  healthOf(driver: string, device: HealthyDevice): DeviceHealth;
}

/** One entry for each claim, or request of a claim, that the container names and that is prepared. */
export function resourceStatuses(
  pod: NodePod,
  container: AnyContainer,
  source: HealthSource,
): ResourceStatus[] {
  const uses = (container as Container).resources?.claims ?? [];
  return uses.flatMap(({ name, request = '' }) => {
    const podClaim = pod.spec.resourceClaims?.find((claim) => claim.name === name);
    const found = podClaim && podClaimName(pod, podClaim);
    const claim = found?.state === 'named' ? source.claim(found.name) : undefined;
    const resources = claim ? healthsOf(claim, baseRequest(request), source) : [];
    const resource = request === '' ? `claim:${name}` : `claim:${name}/${request}`;
    return resources.length > 0 ? [{ name: resource, resources }] : [];
  });
}

/** Each resource id once: devices may share a CDI device. */
function healthsOf({ devices }: PreparedClaim, request: string, source: HealthSource): ResourceHealth[] {
  const healths = new Map<string, ResourceHealth>();
  for (const [driver, list] of devices) {
    for (const device of list) {
      const health = healthOf(driver, device, source);
      if (isFor(device, request) && !healths.has(health.resourceID)) healths.set(health.resourceID, health);
    }
  }
  return [...healths.values()];
}

function healthOf(
  driver: string,
  { poolName: pool, deviceName: device, cdiDeviceIds: [cdiName] }: PreparedDevice,
  source: HealthSource,
): ResourceHealth {
  const { health, message } = source.healthOf(driver, { pool, device });
  const resourceID = cdiName ?? `${driver}/${pool}/${device}`;
  return { resourceID, health, ...(message === '' ? {} : { message }) };
}
