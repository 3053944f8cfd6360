/** What containers request of resources that device plugins may have. */

import type { AnyContainer } from '#api/pods/containers.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { NodePod } from '../../pod/pod.ts';
import { peakAmounts } from '../../topology/peak-amounts.ts';

/** Of the containers that run at the same time, where these request the most. */
export function podDeviceRequests(
  pod: NodePod,
  isOfPlugin: (resource: string) => boolean,
): Map<string, number> {
  return peakAmounts(pod.spec, (container) => deviceRequests(pod, container, isOfPlugin));
}

/** By resource. Extended resources that resource claims stand for are left out. */
export function deviceRequests(
  pod: NodePod,
  container: AnyContainer,
  isOfPlugin: (resource: string) => boolean,
): Map<string, number> {
  const limits = Object.entries(('resources' in container && container.resources?.limits) || {});
  const mappings = pod.status?.extendedResourceClaimStatus?.requestMappings ?? [];
  const isOfClaim = (resource: string) =>
    mappings.some(
      ({ containerName, resourceName }) => containerName === container.name && resourceName === resource,
    );
  const counts = limits.map(([resource, amount]) => [resource, quantityValue(amount)] as const);
  return new Map(
    counts.filter(([resource, count]) => count > 0 && isOfPlugin(resource) && !isOfClaim(resource)),
  );
}
