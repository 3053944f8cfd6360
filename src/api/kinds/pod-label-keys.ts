/** `matchLabelKeys` and `mismatchLabelKeys` of pod affinity become expressions with this pod's own label values. */

import type { Affinity, LabelSelectorRequirement, Pod, PodAffinityTerm } from '../types.gen.ts';

export function mergeLabelKeys(pod: Pod): void {
  const labels = pod.metadata?.labels ?? {};
  for (const term of termsOf(pod.spec?.affinity)) {
    if (!term.labelSelector) continue;
    const added = [
      ...requirements(term.matchLabelKeys, 'In', labels),
      ...requirements(term.mismatchLabelKeys, 'NotIn', labels),
    ];
    if (added.length === 0) continue;
    term.labelSelector.matchExpressions = [...(term.labelSelector.matchExpressions ?? []), ...added];
  }
}

function termsOf(affinity: Affinity | undefined): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
  ]);
}

function requirements(
  keys: string[] | undefined,
  operator: string,
  labels: Record<string, string>,
): LabelSelectorRequirement[] {
  return (keys ?? []).flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}
