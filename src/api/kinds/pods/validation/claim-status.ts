/** Validation of resourceClaimStatuses: only for claims in the pod's spec. */

import type {
  ContainerExtendedResourceRequest,
  PodExtendedResourceClaimStatus,
  PodResourceClaim,
  PodResourceClaimStatus,
  PodSpec,
} from '../../../generated/types.gen.ts';
import { startedContainers } from '../../../pods/containers.ts';
import { checkField } from '../../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue, required } from '../../../validation/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../../validation/validators.ts';
import { byName } from './containers/lists.ts';

export function validateClaimStatuses(
  statuses: PodResourceClaimStatus[] = [],
  claims: PodResourceClaim[] = [],
): FieldError[] {
  const seen = new Set<string>();
  const known = new Set(claims.map((claim) => claim.name));
  return statuses.flatMap(({ name, resourceClaimName }, i) => {
    const field = `status.resourceClaimStatuses[${i}].name`;
    const errors: FieldError[] = [];
    if (!known.has(name)) {
      errors.push(invalidValue(field, name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (seen.has(name)) errors.push(duplicate(field, name));
    seen.add(name);
    if (resourceClaimName === undefined) return errors;
    const claimField = `status.resourceClaimStatuses[${i}].resourceClaimName`;
    return [...errors, ...checkField(claimField, resourceClaimName, dns1123Subdomain)];
  });
}

export function validateExtendedResourceClaim(
  status: PodExtendedResourceClaimStatus | undefined,
  spec: PodSpec,
): FieldError[] {
  if (!status) return [];
  const path = 'status.extendedResourceClaimStatus';
  const requestMappings = status.requestMappings ?? [];
  const { resourceClaimName } = status;
  const errors =
    requestMappings.length === 0
      ? [required(`${path}.requestMappings`, 'at least one request mapping is required')]
      : validateMappings(requestMappings, spec, path);
  if (!resourceClaimName) return [...errors, required(`${path}.resourceClaimName`)];
  return [...errors, ...checkField(`${path}.resourceClaimName`, resourceClaimName, dns1123Subdomain)];
}

function validateMappings(
  mappings: ContainerExtendedResourceRequest[],
  spec: PodSpec,
  path: string,
): FieldError[] {
  const containers = byName(startedContainers(spec));
  const seen = new Set<string>();
  return mappings.flatMap(({ containerName, resourceName, requestName }, i) => {
    const at = `${path}.requestMappings[${i}]`;
    const errors: FieldError[] = [];
    const container = containers.get(containerName);
    if (!container) {
      const text = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
      errors.push(invalidValue(`${at}.containerName`, containerName, text));
    } else if (container.resources?.requests?.[resourceName] === undefined) {
      const text =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
      errors.push(invalidValue(`${at}.resourceName`, resourceName, text));
    }
    // As upstream, the path has no index.
    errors.push(...checkField(`${path}.requestName`, requestName, dns1123Label));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) {
      errors.push(
        duplicate(`${at}.containerName`, containerName),
        duplicate(`${at}.resourceName`, resourceName),
        duplicate(`${at}.requestName`, requestName),
      );
    }
    seen.add(key);
    return errors;
  });
}
