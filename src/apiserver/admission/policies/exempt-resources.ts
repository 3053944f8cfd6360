/** Resources that no policy matches: policies and bindings, so that they can be corrected, and reviews. */

import type { ResourceType } from '#api/meta/resource.ts';

const exemptGroups = new Set(['authentication.k8s.io', 'authorization.k8s.io']);
const exemptPolicies = /^(?:validating|mutating)admissionpolic(?:ies|ybindings)$/;

export function isExempt({ group, resource }: ResourceType): boolean {
  return (
    exemptGroups.has(group) || (group === 'admissionregistration.k8s.io' && exemptPolicies.test(resource))
  );
}
