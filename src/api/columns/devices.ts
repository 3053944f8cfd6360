/** The columns of the resource.k8s.io group. */

import {
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
} from '../generated/kinds.gen.ts';
import type { ResourceV1ResourceClaim } from '../generated/types.gen.ts';
import { ageOf, nameOf, unset } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn } from './define.ts';

export const deviceClassColumns = definePrinted(deviceClasses, [nameColumn, ageColumn], (one, nowMs) => [
  nameOf(one),
  ageOf(one, nowMs),
]);

export const resourceClaimTemplateColumns = definePrinted(
  resourceClaimTemplates,
  [nameColumn, ageColumn],
  (one, nowMs) => [nameOf(one), ageOf(one, nowMs)],
);

export const resourceClaimColumns = definePrinted(
  resourceClaims,
  [nameColumn, column('State'), ageColumn],
  (one, nowMs) => [nameOf(one), claimState(one), ageOf(one, nowMs)],
);

function claimState(claim: ResourceV1ResourceClaim): string {
  const states: string[] = [];
  if (claim.metadata?.deletionTimestamp) states.push('deleted');
  if (!claim.status?.allocation) {
    if (states.length === 0) states.push('pending');
  } else {
    states.push('allocated');
    if (claim.status.reservedFor?.length) states.push('reserved');
  }
  return states.join(',');
}

export const resourceSliceColumns = definePrinted(
  resourceSlices,
  [nameColumn, column('Node'), column('Driver'), column('Pool'), ageColumn],
  (one, nowMs) => [
    nameOf(one),
    one.spec.nodeName ?? unset,
    one.spec.driver,
    one.spec.pool.name,
    ageOf(one, nowMs),
  ],
);
