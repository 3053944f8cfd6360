/**
 * Which ResourceClaim an entry of a pod's `spec.resourceClaims` means, and whether the pod may use it.
 * Upstream: k8s.io/dynamic-resource-allocation/resourceclaim; its texts reach events and pod conditions.
 */

import type {
  Pod,
  PodResourceClaim,
  ResourceClaimConsumerReference,
  ResourceV1ResourceClaim,
} from '../generated/types.gen.ts';
import { controllerOf } from '../meta/controller-of.ts';
import type { Stored } from '../meta/object.ts';

/** Of one entry of `spec.resourceClaims`. */
export type PodClaimName =
  /** `isGenerated`: the claim was created from a template, and `strayClaimReason` must be asked before its use. */
  | { readonly state: 'named'; readonly name: string; readonly isGenerated: boolean }
  /** The controller decided that the pod needs no claim. */
  | { readonly state: 'unneeded' }
  /** `reason`: upstream's text. */
  | { readonly state: 'not created'; readonly reason: string }
  /** Neither a claim nor a template is named, as in objects of a later API. */
  | { readonly state: 'unsupported'; readonly reason: string };

export function podClaimName(pod: Stored<Pod>, claim: PodResourceClaim): PodClaimName {
  const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (claim.resourceClaimName !== undefined) {
    return { state: 'named', name: claim.resourceClaimName, isGenerated: false };
  }
  if (claim.resourceClaimTemplateName === undefined) {
    const reason = `pod "${key}", spec.resourceClaim "${claim.name}": none of the supported fields are set`;
    return { state: 'unsupported', reason };
  }
  const status = pod.status?.resourceClaimStatuses?.find(({ name }) => name === claim.name);
  if (!status) return { state: 'not created', reason: `pod "${key}": ResourceClaim not created yet` };
  const name = status.resourceClaimName;
  return name === undefined ? { state: 'unneeded' } : { state: 'named', name, isGenerated: true };
}

/** Why this claim is not the one generated for the pod; undefined when it is. */
export function strayClaimReason(
  pod: Stored<Pod>,
  claim: Stored<ResourceV1ResourceClaim>,
): string | undefined {
  const { namespace, name } = claim.metadata;
  const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (namespace !== pod.metadata.namespace) {
    return `ResourceClaim ${namespace}/${name} is not in the same namespace as Pod ${key}`;
  }
  if (controllerOf(claim)?.uid === pod.metadata.uid) return undefined;
  return `ResourceClaim ${namespace}/${name} was not created for Pod ${key} (Pod is not owner)`;
}

/** Is the pod a consumer of the claim? A kubelet prepares no claim that is not reserved for its pod. */
export function isReservedFor(pod: Stored<Pod>, { status }: ResourceV1ResourceClaim): boolean {
  return status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) ?? false;
}

/** The entry of `status.reservedFor` for this pod. */
export function consumerOf({ metadata }: Stored<Pod>): ResourceClaimConsumerReference {
  return { resource: 'pods', name: metadata.name, uid: metadata.uid };
}

/** The keys `namespace/name` of all claims that the pod uses, those of its extended resources included. */
export function podClaimKeys(pod: Stored<Pod>): string[] {
  const names = (pod.spec?.resourceClaims ?? []).flatMap((claim) => {
    const found = podClaimName(pod, claim);
    return found.state === 'named' ? [found.name] : [];
  });
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  if (extended) names.push(extended);
  return names.map((name) => `${pod.metadata.namespace}/${name}`);
}
