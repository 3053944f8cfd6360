/** What containers request of resources that device plugins may have. */

import type { Container } from '#api/generated/types.gen.ts';
import { type AnyContainer, isSidecar } from '#api/pods/containers.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { NodePod } from '../../pod/pod.ts';

/** Of the containers that run at the same time, where these request the most. */
export function podDeviceRequests(
  pod: NodePod,
  isOfPlugin: (resource: string) => boolean,
): Map<string, number> {
  const most = new Map<string, number>();
  const running = new Map<string, number>();
  const requestsOf = (container: Container) => deviceRequests(pod, container, isOfPlugin);
  for (const container of pod.spec.initContainers ?? []) {
    for (const [resource, count] of requestsOf(container)) {
      const together = (running.get(resource) ?? 0) + count;
      if (isSidecar(container)) running.set(resource, together);
      else most.set(resource, Math.max(most.get(resource) ?? 0, together));
    }
  }
  for (const container of pod.spec.containers) {
    for (const [resource, count] of requestsOf(container)) {
      running.set(resource, (running.get(resource) ?? 0) + count);
    }
  }
  for (const [resource, count] of running) most.set(resource, Math.max(most.get(resource) ?? 0, count));
  return most;
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
