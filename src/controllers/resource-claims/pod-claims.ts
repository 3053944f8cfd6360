/**
 * Creates the claims that pods get from templates, and reserves allocated claims for pods that have a node
 * already.
 *
 * Reads pods, claims and their templates; writes claims, `status.resourceClaimStatuses` of pods and
 * `status.reservedFor` of claims. Follows the half of upstream's resourceclaim controller that looks at pods.
 */

import { podClaimAnnotation } from '#api/devices/names.ts';
import { pods as podsType, resourceClaims, resourceClaimTemplates } from '#api/generated/kinds.gen.ts';
import type { Pod, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';
import { giveUp } from '../shared/give-up.ts';
import { indexByOwner, ownedBy } from '../shared/ownership/ownership.ts';
import type { ClaimMetrics } from './claim-metrics.ts';
import { indexByDeviceClaims, owningPod, podsOfClaim, podsOfTemplate } from './claims-by-pod.ts';
import { decidePodClaims, type PodClaimsDecision } from './decide-pod-claims.ts';

const fieldManager = 'ResourceClaimController';

export const podClaims = (metrics: ClaimMetrics) =>
  defineController({
    name: 'resourceclaim-controller',
    identity: 'resource-claim-controller',
    eventSource: 'resource_claim',
    start({ informers }) {
      const pods = informers.for(podsType);
      const claims = informers.for(resourceClaims);
      const templates = informers.for(resourceClaimTemplates);
      indexByDeviceClaims(pods);
      indexByOwner(claims);
      metrics.follow(claims);
      return {
        watches: [
          watch({ type: podsType, filter: needsClaims }),
          watch({
            type: resourceClaims,
            owner: generatedFor,
            keys: (claim) => podsOfClaim(pods, keyOf(claim)).map(keyOf),
          }),
          watch({
            type: resourceClaimTemplates,
            on: ['added', 'updated'],
            keys: (template) => podsOfTemplate(pods, keyOf(template)).map(keyOf),
          }),
        ],
        steps: [giveUp, countCreation(metrics)],
        reconcile(key, { isCurrent }): Plan {
          const pod = pods.get(...splitKey(key));
          if (!pod || !needsClaims(pod)) return nothingToDo;
          const { namespace, uid } = pod.metadata;
          const decision = decidePodClaims({
            pod,
            claim: (name) => claims.get(namespace, name),
            template: (name) => templates.get(namespace, name),
            ownClaims: ownedBy(claims, uid),
          });
          return isCurrent ? { actions: planOf(pod, decision, metrics) } : nothingToDo;
        },
      };
    },
  });

/** The key of the pod whose plan created this claim. */
function generatedFor(claim: Stored<ResourceV1ResourceClaim>): string | undefined {
  const owner = owningPod(claim);
  const isGenerated = claim.metadata.annotations?.[podClaimAnnotation] !== undefined;
  return owner && isGenerated ? `${claim.metadata.namespace}/${owner.name}` : undefined;
}

function needsClaims({ metadata, spec }: Stored<Pod>): boolean {
  return !metadata.deletionTimestamp && (spec?.resourceClaims?.length ?? 0) > 0;
}

function planOf(pod: Stored<Pod>, decision: PodClaimsDecision, metrics: ClaimMetrics): Action[] {
  const actions: Action[] = [];
  const { create, failure, statuses, reserve } = decision;
  if (create.length > 0) {
    const creations = create.map(({ podClaim, claim }) => createClaim(pod, podClaim, claim, metrics));
    actions.push({ do: 'together', expected: true, actions: creations });
  }
  if (failure) actions.push(...failing(pod, failure.podClaim, failure.reason));
  if (statuses) actions.push(applyStatuses(pod, statuses));
  for (const claim of reserve) actions.push({ do: 'updateStatus', type: resourceClaims, object: claim });
  return actions;
}

function createClaim(
  pod: Stored<Pod>,
  podClaim: string,
  claim: ResourceV1ResourceClaim,
  metrics: ClaimMetrics,
): Action {
  const count = special(countCreation(metrics), `of PodResourceClaim ${podClaim}`, claim);
  // The claim has no name yet where upstream's text has one.
  const text = `PodResourceClaim ${podClaim}: create ResourceClaim : `;
  return {
    do: 'create',
    type: resourceClaims,
    object: claim,
    ifDone: [count],
    ifFailed: [count, eventAction(pod, 'Warning', 'FailedResourceClaimCreation', text, 'error')],
  };
}

function countCreation(metrics: ClaimMetrics): SpecialStep<ResourceV1ResourceClaim> {
  return {
    name: 'count the creation',
    carryOut(claim, _client, { error }) {
      metrics.created(claim, error ? 'failure' : 'success');
      return nothingToDo;
    },
  };
}

function failing(pod: Stored<Pod>, podClaim: string, reason: string): Action[] {
  const text = `PodResourceClaim ${podClaim}: ${reason}`;
  return [
    eventAction(pod, 'Warning', 'FailedResourceClaimCreation', text),
    special(giveUp, `Pod ${keyOf(pod)}`, `pod ${keyOf(pod)}, ${text}`),
  ];
}

function applyStatuses(pod: Stored<Pod>, resourceClaimStatuses: PodClaimsDecision['statuses']): Action {
  const { namespace = '', name } = pod.metadata;
  const identity = { apiVersion: apiVersionOf(podsType), kind: podsType.kind, metadata: { namespace, name } };
  return {
    do: 'patch',
    type: podsType,
    namespace,
    name,
    patchType: 'apply',
    patch: { ...identity, status: { resourceClaimStatuses } },
    subresource: 'status',
    fieldManager,
  };
}
