/** Indexes between pods and claims that the claim controllers share. */

import { podClaimKeys } from '#api/devices/pod-claim.ts';
import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Pod, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Informer } from '#client/informers/informer.ts';
import { controllerOfType } from '../shared/ownership/ownership.ts';

const byClaim = 'device claim';
const byTemplate = 'device claim template';

/** Lets `podsOfClaim` and `podsOfTemplate` find pods. */
export function indexByDeviceClaims(pods: Informer<Pod>): void {
  pods.addIndex(byClaim, podClaimKeys);
  pods.addIndex(byTemplate, ({ metadata, spec }) =>
    (spec?.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
      name === undefined ? [] : [`${metadata.namespace}/${name}`],
    ),
  );
}

/** By the claim's key `namespace/name`. */
export function podsOfClaim(pods: Informer<Pod>, key: string): Stored<Pod>[] {
  return pods.byIndex(byClaim, key);
}

/** By the template's key `namespace/name`. */
export function podsOfTemplate(pods: Informer<Pod>, key: string): Stored<Pod>[] {
  return pods.byIndex(byTemplate, key);
}

/** The pod for which a claim was generated; it may be gone. */
export function owningPod(claim: ResourceV1ResourceClaim): { name: string; uid: string } | undefined {
  return controllerOfType(claim as KubeObject, podsType);
}
