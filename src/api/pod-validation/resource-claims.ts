/** The resource claims a pod names. */

import { checkField } from '../field-checks.ts';
import { duplicate, type FieldError, invalidValue, required } from '../field-error.ts';
import type { PodResourceClaim } from '../types.gen.ts';
import { dns1123Label, dns1123Subdomain } from '../validators.ts';

export function validatePodClaims(claims: PodResourceClaim[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return (claims ?? []).flatMap((claim, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (!claim.name) errors.push(required(`${at}.name`));
    else if (names.has(claim.name)) errors.push(duplicate(`${at}.name`, claim.name));
    else errors.push(...checkField(`${at}.name`, claim.name, dns1123Label));
    names.add(claim.name);
    const { resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    if (own !== undefined && template !== undefined) {
      const text = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(invalidValue(at, claim, text));
    }
    if (own === undefined && template === undefined) {
      const text = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(invalidValue(at, claim, text));
    }
    if (own !== undefined) errors.push(...checkField(`${at}.resourceClaimName`, own, dns1123Subdomain));
    if (template !== undefined) {
      errors.push(...checkField(`${at}.resourceClaimTemplateName`, template, dns1123Subdomain));
    }
    return errors;
  });
}
