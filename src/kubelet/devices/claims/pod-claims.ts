/** Which claims a pod names, and which requests of them a container is for. Pure. */

import { podClaimName } from '#api/devices/pod-claim.ts';
import type { Container } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import type { NodePod } from '../../pod/pod.ts';

export interface NamedClaim {
  readonly name: string;
  /** It must belong to the pod. */
  readonly isGenerated: boolean;
}

/**
 * Each once; with that for extended resources, which the scheduler makes. Throws when a claim has not been created
 * yet.
 */
export function claimsOfPod(pod: NodePod): NamedClaim[] {
  const claims = new Map<string, NamedClaim>();
  for (const podClaim of pod.spec.resourceClaims ?? []) {
    const found = podClaimName(pod, podClaim);
    if (found.state === 'unneeded') continue;
    if (found.state !== 'named') throw new Error(found.reason);
    const { name, isGenerated } = found;
    claims.set(name, { name, isGenerated: isGenerated || claims.get(name)?.isGenerated === true });
  }
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  if (extended && !claims.has(extended)) claims.set(extended, { name: extended, isGenerated: false });
  return [...claims.values()];
}

export interface RequestedClaim {
  readonly claim: string;
  /** Empty for all requests of the claim. */
  readonly request: string;
}

/** Throws when a claim has not been created yet. */
export function requestsOfContainer(pod: NodePod, container: AnyContainer): RequestedClaim[] {
  const { resources } = container as Container;
  const own = (pod.spec.resourceClaims ?? []).flatMap((podClaim) => {
    const uses = (resources?.claims ?? []).filter(({ name }) => name === podClaim.name);
    if (uses.length === 0) return [];
    const found = podClaimName(pod, podClaim);
    if (found.state === 'unneeded') return [];
    if (found.state !== 'named') throw new Error(found.reason);
    return uses.map(({ request = '' }) => ({ claim: found.name, request }));
  });
  return [...own, ...extendedRequests(pod, container)];
}

function extendedRequests({ status }: NodePod, container: AnyContainer): RequestedClaim[] {
  const extended = status?.extendedResourceClaimStatus;
  if (!extended) return [];
  const requests = (container as Container).resources?.requests ?? {};
  const isRequested = (resource: string) => parseQuantity(String(requests[resource] ?? '0')).sign() > 0;
  return (extended.requestMappings ?? [])
    .filter(
      ({ containerName, resourceName }) => containerName === container.name && isRequested(resourceName),
    )
    .map(({ requestName }) => ({ claim: extended.resourceClaimName, request: requestName }));
}
