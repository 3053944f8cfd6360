/** Validation of a pod's resource claims, and of those that its containers use. */

import type { PodResourceClaim, ResourceRequirements } from '../../../../generated/types.gen.ts';
import { checkField } from '../../../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notFoundValue,
  required,
} from '../../../../validation/field-error.ts';
import { internalText } from '../../../../validation/internal-form.ts';
import { dns1123Label, dns1123Subdomain } from '../../../../validation/validators.ts';

export function validatePodClaims(claims: PodResourceClaim[] | undefined, path: string): FieldError[] {
  if (!claims?.length) return [];
  const names = new Set<string>();
  return claims.flatMap((claim, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (!claim.name) errors.push(required(`${at}.name`));
    else if (names.has(claim.name)) errors.push(duplicate(`${at}.name`, claim.name));
    else errors.push(...checkField(`${at}.name`, claim.name, dns1123Label));
    names.add(claim.name);
    const { resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    if (own !== undefined && template !== undefined) {
      const text = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(invalidValue(at, internalText(claim, 'PodResourceClaim'), text));
    }
    if (own === undefined && template === undefined) {
      const text = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(invalidValue(at, internalText(claim, 'PodResourceClaim'), text));
    }
    if (own !== undefined) errors.push(...checkField(`${at}.resourceClaimName`, own, dns1123Subdomain));
    if (template !== undefined) {
      errors.push(...checkField(`${at}.resourceClaimTemplateName`, template, dns1123Subdomain));
    }
    return errors;
  });
}

/** `known`: names of the pod's claims. */
export function validateContainerClaims(
  claims: ResourceRequirements['claims'],
  known: ReadonlySet<string>,
  path: string,
): FieldError[] {
  if (!claims?.length) return [];
  const seen: SeenClaims = { names: new Set(), requests: new Map() };
  const list = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
  const detail = `must be one of the names in pod.spec.resourceClaims${list}`;
  return claims.flatMap(({ name, request }, i) => {
    const at = `${path}[${i}]`;
    if (!name) return [required(at)];
    const errors = seen.names.has(name) ? [duplicate(at, name)] : newClaim(name, request, seen, at);
    if (!known.has(name)) {
      errors.push({ ...notFoundValue(at, name), detail });
    }
    return errors;
  });
}

interface SeenClaims {
  /** Claims used as a whole. */
  readonly names: Set<string>;
  /** Requests used of the other claims, by claim name. */
  readonly requests: Map<string, Set<string>>;
}

/** A container uses a claim as a whole or by request, never both; no duplicates. */
function newClaim(name: string, request: string | undefined, seen: SeenClaims, at: string): FieldError[] {
  const { names, requests } = seen;
  if (!request) {
    names.add(name);
    return Array.from(requests.get(name) ?? [], () => duplicate(at, name));
  }
  const errors = checkField(`${at}.request`, request, dns1123Label);
  const others = requests.get(name) ?? new Set();
  if (others.has(request)) errors.push(duplicate(at, `${name}/${request}`));
  requests.set(name, others.add(request));
  return errors;
}
