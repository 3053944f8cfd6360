/** What the author of a claim, of its status, or of a template of claims must be allowed beyond the write itself. */

import { resourceClaims, resourceClaimTemplates } from '#api/generated/kinds.gen.ts';
import type { ResourceClaimTemplate, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { StorageHooks } from '../../contract/storage-hooks.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { checkBinding, checkDeviceStates } from './claim-status-access.ts';
import { checkAdminRequest, checkAdminResult } from './device-admin-access.ts';

interface Options {
  readonly reader: ObjectReader;
  readonly authorizer: Authorizer;
}

export function claimHooks({ reader, authorizer }: Options): readonly StorageHooks[] {
  const { group } = resourceClaims;
  return [
    {
      group,
      resource: resourceClaims.resource,
      async permit(write, invalid) {
        return [
          ...checkAdminRequest(reader, write, claimOf(write.object).spec.devices?.requests ?? []),
          ...invalid,
        ];
      },
      async permitStatus(write, invalid) {
        const claim = claimOf(write.object);
        const old = claimOf(write.old!);
        return [
          ...checkAdminResult(reader, write, claim, old),
          ...(await checkBinding(authorizer, write, claim.status, old.status)),
          ...(await checkDeviceStates(authorizer, write, claim.status, old.status)),
          ...invalid,
        ];
      },
    },
    {
      group,
      resource: resourceClaimTemplates.resource,
      async permit(write, invalid) {
        const template = write.object as object as ResourceClaimTemplate;
        return [...checkAdminRequest(reader, write, template.spec.spec.devices?.requests ?? []), ...invalid];
      },
    },
  ];
}

const claimOf = (object: object) => object as ResourceV1ResourceClaim;
