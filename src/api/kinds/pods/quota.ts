/** What a ResourceQuota counts of a pod, and which pods its scopes select. */

import type { Pod, ScopedResourceSelectorRequirement } from '../../generated/types.gen.ts';
import { type QuotaRules, selectsClasses, type Usage } from '../../kind/quota.ts';
import { podAffinityTerms } from '../../pods/affinity-terms.ts';
import { startedContainers } from '../../pods/containers.ts';
import { exactAmounts } from '../../pods/exact-amounts.ts';
import { podQosClass } from '../../pods/qos.ts';
import { isHugePages, podLimits, podRequests } from '../../pods/resources.ts';
import { isPodTerminal } from '../../pods/state.ts';

const amounts = /^(requests\.|limits\.)?(cpu|memory|ephemeral-storage|hugepages-.+)$|^requests\..+\/.+/;

export const podQuota: QuotaRules<Pod> = {
  counts: (name) => name === 'pods' || amounts.test(name),
  usage: podUsage,
  growsThrough: 'resize',
  matchesScope,
  scopedBy: ({ spec }) => spec?.activeDeadlineSeconds !== undefined,
  unspecified,
};

/**
 * A terminated pod counts as an object, but uses no resources; nor does one whose deletion should have ended:
 * its node may be lost, and it must not keep others from starting.
 */
function podUsage(pod: Pod, nowMs: number): Usage {
  if (isPodTerminal(pod) || isOverdue(pod, nowMs)) return {};
  const usage: Usage = { pods: '1' };
  for (const [name, amount] of podRequests(exactAmounts, pod, { useStatus: true })) {
    usage[`requests.${name}`] = amount.toString();
    if (hasShortName(name)) usage[name] = amount.toString();
  }
  const limits = podLimits(exactAmounts, pod, { useStatus: true });
  for (const [name, amount] of limits) {
    if (limited.includes(name)) usage[`limits.${name}`] = amount.toString();
  }
  return usage;
}

function isOverdue({ metadata }: Pod, nowMs: number): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return false;
  return nowMs > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

const limited = ['cpu', 'memory', 'ephemeral-storage'];

/** Resources whose `requests.` prefix a quota may omit. */
function hasShortName(name: string): boolean {
  return limited.includes(name) || isHugePages(name);
}

function matchesScope(scope: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  const isTerminating = pod.spec?.activeDeadlineSeconds !== undefined;
  const isBestEffort = podQosClass(pod) === 'BestEffort';
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating;
    case 'NotTerminating':
      return !isTerminating;
    case 'BestEffort':
      return isBestEffort;
    case 'NotBestEffort':
      return !isBestEffort;
    case 'PriorityClass':
      return selectsClasses(scope, pod.spec?.priorityClassName ? [pod.spec.priorityClassName] : []);
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod);
    default:
      return false;
  }
}

function usesOtherNamespaces(pod: Pod): boolean {
  const terms = podAffinityTerms(pod.spec?.affinity);
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
}

const computeNames = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

/** A quota on a compute resource requires it in every container, unless the pod has it at pod level. */
function unspecified(pod: Pod, counted: readonly string[]): string {
  const { requests, limits } = pod.spec?.resources ?? {};
  if (requests || limits) return '';
  return computeNames
    .filter((name) => counted.includes(name))
    .flatMap((name) => {
      const containers = containersWithout(pod, name);
      return containers.length === 0 ? [] : [`${name} for: ${containers.join(',')}`];
    })
    .join('; ');
}

function containersWithout({ spec }: Pod, name: string): string[] {
  const field = name.startsWith('limits.') ? 'limits' : 'requests';
  const resource = name.replace(/^(requests|limits)\./, '');
  const containers = startedContainers(spec);
  const without = containers.filter(({ resources }) => resources?.[field]?.[resource] === undefined);
  return [...new Set(without.map((container) => container.name))].sort();
}
