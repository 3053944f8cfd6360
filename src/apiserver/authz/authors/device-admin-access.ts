/** Devices that others use are for administrators: claims ask for such access only in namespaces that are labelled so. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import type {
  DeviceRequest,
  DeviceRequestAllocationResult,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import { type FieldError, forbiddenField } from '#api/validation/field-error.ts';
import type { JudgedWrite } from '../../contract/storage-hooks.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';

const label = 'resource.kubernetes.io/admin-access';
const text = `admin access to devices requires the \`${label}: true\` label on the containing namespace`;

/** `requests`: of the claim, or of the claims that a template makes; upstream names the field alike for both. */
export function checkAdminRequest(
  reader: ObjectReader,
  write: JudgedWrite,
  requests: readonly DeviceRequest[],
): FieldError[] {
  // Specs are immutable: an update asks for nothing that its creation did not ask for.
  if (write.old) return [];
  const at = requests.findIndex(({ exactly }) => exactly?.adminAccess);
  return at < 0 ? [] : checkLabel(reader, write, `spec.devices.requests[${at}].adminAccess`);
}

export function checkAdminResult(
  reader: ObjectReader,
  write: JudgedWrite,
  claim: ResourceV1ResourceClaim,
  old: ResourceV1ResourceClaim,
): FieldError[] {
  if (adminResult(old) >= 0) return [];
  const at = adminResult(claim);
  return at < 0 ? [] : checkLabel(reader, write, `status.allocation.devices.results[${at}].adminAccess`);
}

function adminResult({ status }: ResourceV1ResourceClaim): number {
  const results: readonly DeviceRequestAllocationResult[] = status?.allocation?.devices?.results ?? [];
  return results.findIndex(({ adminAccess }) => adminAccess);
}

function checkLabel(reader: ObjectReader, { namespace }: JudgedWrite, field: string): FieldError[] {
  const labels = reader.get(namespaces, '', namespace)?.metadata?.labels;
  return labels?.[label] === 'true' ? [] : [forbiddenField(field, text)];
}
