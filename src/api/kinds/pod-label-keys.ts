/** `matchLabelKeys` of affinity and topology spread become expressions with the pod's own label values. */

import type { Affinity, LabelSelector, Pod, PodAffinityTerm } from '../types.gen.ts';

export function mergeLabelKeys({ metadata, spec }: Pod): void {
  const labels = metadata?.labels ?? {};
  for (const term of termsOf(spec?.affinity)) {
    merge(term.labelSelector, term.matchLabelKeys, 'In', labels);
    merge(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels);
  }
  for (const constraint of spec?.topologySpreadConstraints ?? []) {
    merge(constraint.labelSelector, constraint.matchLabelKeys, 'In', labels);
  }
}

function termsOf(affinity: Affinity | undefined): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(
      (term) => term.podAffinityTerm ?? [],
    ),
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
  ]);
}

/** No selector selects no pod, and stays that way. */
function merge(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  operator: string,
  labels: Readonly<Record<string, string>>,
): void {
  if (!selector) return;
  for (const key of keys ?? []) {
    const value = labels[key];
    if (value === undefined) continue;
    selector.matchExpressions ??= [];
    selector.matchExpressions.push({ key, operator, values: [value] });
  }
}
