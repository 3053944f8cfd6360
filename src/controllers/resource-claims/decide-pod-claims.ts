/** What a pod's claims need: a claim created from its template, an entry in the pod's status, a reservation. */

import { podClaimAnnotation } from '#api/devices/names.ts';
import { consumerOf, isReservedFor, podClaimName, strayClaimReason } from '#api/devices/pod-claim.ts';
import type {
  Pod,
  PodResourceClaim,
  PodResourceClaimStatus,
  ResourceClaimTemplate,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { generateClaim } from './generated-claim.ts';

type Claim = Stored<ResourceV1ResourceClaim>;

export interface PodClaimsView {
  readonly pod: Stored<Pod>;
  /** In the pod's namespace. */
  readonly claim: (name: string) => Claim | undefined;
  readonly template: (name: string) => ResourceClaimTemplate | undefined;
  /** Controlled by this pod. */
  readonly ownClaims: readonly Claim[];
}

export interface PodClaimsDecision {
  readonly create: readonly { readonly podClaim: string; readonly claim: ResourceV1ResourceClaim }[];
  /** Ends the decision before later claims are looked at; upstream's text. */
  readonly failure?: { readonly podClaim: string; readonly reason: string };
  /** All entries of `status.resourceClaimStatuses`, when some are missing or wrong. */
  readonly statuses?: readonly PodResourceClaimStatus[];
  /** Claims with the pod added to their consumers. */
  readonly reserve: readonly Claim[];
}

/** Decides for a pod that is not being deleted. */
export function decidePodClaims(view: PodClaimsView): PodClaimsDecision {
  const create: { podClaim: string; claim: ResourceV1ResourceClaim }[] = [];
  const found: PodResourceClaimStatus[] = [];
  for (const podClaim of view.pod.spec?.resourceClaims ?? []) {
    const settled = settle(view, podClaim);
    if (typeof settled === 'string') {
      return { create, failure: { podClaim: podClaim.name, reason: settled }, reserve: [] };
    }
    if (settled.create) create.push({ podClaim: podClaim.name, claim: settled.create });
    if (settled.name !== undefined) found.push({ name: podClaim.name, resourceClaimName: settled.name });
  }
  // The status is written once the created claims are seen.
  if (create.length > 0) return { create, reserve: [] };
  if (found.length > 0) return { create, statuses: merged(view.pod, found), reserve: [] };
  return { create, reserve: view.pod.spec?.nodeName ? reservations(view) : [] };
}

interface Settled {
  /** To be created. */
  readonly create?: ResourceV1ResourceClaim;
  /** Exists, and is missing in the pod's status. */
  readonly name?: string;
}

/** Returns a failure as a text. */
function settle(view: PodClaimsView, podClaim: PodResourceClaim): Settled | string {
  const known = podClaimName(view.pod, podClaim);
  if (known.state === 'unsupported') return `checking for claim before creating it: ${known.reason}`;
  if (known.state === 'unneeded' || podClaim.resourceClaimTemplateName === undefined) return {};
  const claim = known.state === 'named' ? view.claim(known.name) : undefined;
  if (claim && strayClaimReason(view.pod, claim) === undefined) return {};
  const own = view.ownClaims.find(
    ({ metadata }) => metadata.annotations?.[podClaimAnnotation] === podClaim.name,
  );
  if (own) return { name: own.metadata.name };
  const template = view.template(podClaim.resourceClaimTemplateName);
  if (template) return { create: generateClaim(view.pod, podClaim, template) };
  const name = podClaim.resourceClaimTemplateName;
  return `resource claim template "${name}": resourceclaimtemplate.resource.k8s.io "${name}" not found`;
}

/**
 * With the entries that stay: an apply takes away what its manager no longer names. Upstream applies the new
 * ones alone, and so takes turns between the claims of a pod that lost one of several.
 */
function merged({ status }: Pod, found: readonly PodResourceClaimStatus[]): PodResourceClaimStatus[] {
  const names = new Set(found.map(({ name }) => name));
  return [...(status?.resourceClaimStatuses ?? []).filter(({ name }) => !names.has(name)), ...found];
}

/** The scheduler reserves claims; this is for pods that got their node elsewhere. */
function reservations({ pod, claim: claimOf }: PodClaimsView): Claim[] {
  const reserved: Claim[] = [];
  for (const podClaim of pod.spec?.resourceClaims ?? []) {
    const known = podClaimName(pod, podClaim);
    if (known.state !== 'named') continue;
    const claim = claimOf(known.name);
    // A missing claim must be created by its user first.
    if (!claim || (known.isGenerated && strayClaimReason(pod, claim) !== undefined)) return reserved;
    if (claim.status?.allocation && !isReservedFor(pod, claim)) reserved.push(withConsumer(claim, pod));
  }
  return reserved;
}

function withConsumer(claim: Claim, pod: Stored<Pod>): Claim {
  const reservedFor = [...(claim.status?.reservedFor ?? []), consumerOf(pod)];
  return { ...claim, status: { ...claim.status, reservedFor } };
}
