/** Which pods a quota with scopes counts; a quota without counts everything. */

import type { Pod, ResourceQuota, ScopedResourceSelectorRequirement } from '../generated/types.gen.ts';
import type { AnyObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';
import { podAffinityTerms } from '../pods/affinity-terms.ts';
import { podQosClass } from '../pods/qos.ts';

export function matchesScopes({ spec }: ResourceQuota, type: ResourceType, object: AnyObject): boolean {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  const all = [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
  if (all.length === 0) return true;
  if (type.group !== '' || type.resource !== 'pods') return false;
  return all.every((requirement) => matches(requirement, object as Pod));
}

function matches({ scopeName, operator, values }: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  const isTerminating = pod.spec?.activeDeadlineSeconds !== undefined;
  const isBestEffort = podQosClass(pod) === 'BestEffort';
  switch (scopeName) {
    case 'Terminating':
      return isTerminating;
    case 'NotTerminating':
      return !isTerminating;
    case 'BestEffort':
      return isBestEffort;
    case 'NotBestEffort':
      return !isBestEffort;
    case 'PriorityClass':
      return matchesClass(operator, values ?? [], pod.spec?.priorityClassName);
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod);
    default:
      return false;
  }
}

function matchesClass(operator: string, values: readonly string[], name: string | undefined): boolean {
  if (operator === 'Exists') return !!name;
  if (operator === 'DoesNotExist') return !name;
  return operator === 'In' ? values.includes(name ?? '') : !values.includes(name ?? '');
}

function usesOtherNamespaces(pod: Pod): boolean {
  const terms = podAffinityTerms(pod.spec?.affinity);
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
}
