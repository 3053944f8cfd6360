/** Devices that others use are for administrators: claims ask for such access only in namespaces that are labelled so. */

import { namespaces, resourceClaims, resourceClaimTemplates } from '#api/generated/kinds.gen.ts';
import type {
  DeviceRequest,
  DeviceRequestAllocationResult,
  ResourceClaimTemplate,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import { type FieldError, forbiddenField } from '#api/validation/field-error.ts';
import type { JudgedWrite, StorageHooks } from '../../contract/storage-hooks.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';

const label = 'resource.kubernetes.io/admin-access';
const text = `admin access to devices requires the \`${label}: true\` label on the containing namespace`;

export function deviceAdminAccessHooks(reader: ObjectReader): readonly StorageHooks[] {
  const permit =
    (requests: (write: JudgedWrite) => readonly DeviceRequest[]) => async (write: JudgedWrite) => {
      // Specs are immutable: an update asks for nothing that its creation did not ask for.
      if (write.old) return [];
      const at = requests(write).findIndex(({ exactly }) => exactly?.adminAccess);
      return at < 0 ? [] : refuse(reader, write, `spec.devices.requests[${at}].adminAccess`);
    };
  const { group } = resourceClaims;
  return [
    {
      group,
      resource: resourceClaims.resource,
      permit: permit(({ object }) => claimOf(object).spec.devices?.requests ?? []),
      permitStatus: async (write) => {
        if (write.old && adminResult(claimOf(write.old)) >= 0) return [];
        const at = adminResult(claimOf(write.object));
        return at < 0 ? [] : refuse(reader, write, `status.allocation.devices.results[${at}].adminAccess`);
      },
    },
    {
      group,
      resource: resourceClaimTemplates.resource,
      // As upstream, which names the field as in a claim.
      permit: permit(
        ({ object }) => (object as object as ResourceClaimTemplate).spec.spec.devices?.requests ?? [],
      ),
    },
  ];
}

const claimOf = (object: object) => object as ResourceV1ResourceClaim;

function adminResult({ status }: ResourceV1ResourceClaim): number {
  const results: readonly DeviceRequestAllocationResult[] = status?.allocation?.devices?.results ?? [];
  return results.findIndex(({ adminAccess }) => adminAccess);
}

function refuse(reader: ObjectReader, { namespace }: JudgedWrite, field: string): FieldError[] {
  const labels = reader.get(namespaces, '', namespace)?.metadata?.labels;
  return labels?.[label] === 'true' ? [] : [forbiddenField(field, text)];
}
