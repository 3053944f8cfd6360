/** What upstream's claim controller measures: created claims, and all claims by state and source. */

import { extendedResourceClaimAnnotation, podClaimAnnotation } from '#api/devices/names.ts';
import type { ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import { Counter } from '#base/metrics/counter.ts';
import { gauge, type Metric, type MetricLabels, type Reading, seriesKey } from '#base/metrics/metric.ts';
import type { Lister } from '#client/informers/informer.ts';
import { hasAdminAccess } from './generated-claim.ts';

export class ClaimMetrics {
  readonly metrics: readonly Metric[];
  readonly #creations = new Counter(
    'resourceclaim_controller_creates_total',
    'Requests to create a ResourceClaim, by their status and whether the claim has admin access.',
  );
  #claims: Pick<Lister<ResourceV1ResourceClaim>, 'list'> | undefined;

  constructor() {
    const help =
      'ResourceClaims, by whether they are allocated, whether they have admin access, and their source.';
    const claims = gauge('resourceclaim_controller_resource_claims', help, () => this.#count());
    this.metrics = [this.#creations, claims];
  }

  /** From now on these claims are counted. */
  follow(claims: Pick<Lister<ResourceV1ResourceClaim>, 'list'>): void {
    this.#claims = claims;
  }

  created(claim: ResourceV1ResourceClaim, status: 'success' | 'failure'): void {
    this.#creations.of({ status, admin_access: String(hasAdminAccess(claim)) }).value++;
  }

  #count(): Iterable<Reading> {
    const counts = new Map<string, [MetricLabels, number]>();
    for (const claim of this.#claims?.list() ?? []) {
      const labels = labelsOf(claim);
      const key = seriesKey(labels);
      counts.set(key, [labels, (counts.get(key)?.[1] ?? 0) + 1]);
    }
    return counts.values();
  }
}

function labelsOf(claim: ResourceV1ResourceClaim): MetricLabels {
  return {
    allocated: String(claim.status?.allocation !== undefined),
    admin_access: String(hasAdminAccess(claim)),
    source: sourceOf(claim),
  };
}

function sourceOf({ metadata }: ResourceV1ResourceClaim): string {
  if (metadata?.annotations?.[extendedResourceClaimAnnotation] === 'true') return 'extended_resource';
  return metadata?.annotations?.[podClaimAnnotation] ? 'resource_claim_template' : '';
}
