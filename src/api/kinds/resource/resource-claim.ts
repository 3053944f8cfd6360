/** ResourceClaim: devices for pods, and whether they are allocated. */

import { resourceClaims } from '../../generated/kinds.gen.ts';
import type { ResourceV1ResourceClaim } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { emptyStatus, keepAllButStatus, keepStatus } from '../../kind/status-handling.ts';
import { dropDeallocated, validateClaimStatus } from './claim-status.ts';
import { setClaimDefaults, setTolerationDefaults } from './defaults.ts';
import { checkDeviceClaim, compileClaimSelectors } from './device-claim.ts';
import { checkFixed } from './fixed-spec.ts';
import { resourceClaimQuota } from './quota.ts';

export const resourceClaim = defineKind(resourceClaims, {
  quota: resourceClaimQuota,
  hasGeneration: false,
  updateChecks: ['metadata', 'metadataChange', 'change'],
  setDefaults({ spec, status }) {
    setClaimDefaults(spec.devices);
    for (const result of status?.allocation?.devices?.results ?? []) setTolerationDefaults(result);
  },
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(claim, old) {
    keepAllButStatus(claim, old);
    dropDeallocated(claim, old);
  },
  // An update is only compared.
  validateAhead: ({ spec }, old) => (old ? [] : compileClaimSelectors(spec.devices)),
  validate: ({ spec }) => checkDeviceClaim(spec.devices, 'spec.devices'),
  validateUpdate: ({ spec }, old) => checkFixed(spec, old.spec, 'ResourceClaimSpec'),
  validateStatusUpdate: validateClaimStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  printer: {
    columns: [nameColumn, column('State'), ageColumn],
    cells: (resourceClaim, now) => [
      nameOf(resourceClaim),
      claimState(resourceClaim),
      ageOf(resourceClaim, now),
    ],
  },
});

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
