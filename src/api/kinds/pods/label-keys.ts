/** `matchLabelKeys` of affinity and topology spread become expressions with the pod's own label values. */

import { ownValue } from '#base/own-value.ts';
import type { LabelSelector, Pod } from '../../generated/types.gen.ts';
import { podAffinityTerms } from '../../pods/affinity-terms.ts';

export function mergeLabelKeys({ metadata, spec }: Pod): void {
  const labels = metadata?.labels ?? {};
  for (const term of podAffinityTerms(spec?.affinity)) {
    merge(term.labelSelector, term.matchLabelKeys, 'In', labels);
    merge(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels);
  }
  for (const constraint of spec?.topologySpreadConstraints ?? []) {
    merge(constraint.labelSelector, constraint.matchLabelKeys, 'In', labels);
  }
}

/** An absent selector selects no pod, and stays absent. */
function merge(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  operator: string,
  labels: Readonly<Record<string, string>>,
): void {
  if (!selector) return;
  for (const key of keys ?? []) {
    const value = ownValue(labels, key);
    if (value === undefined) continue;
    selector.matchExpressions ??= [];
    selector.matchExpressions.push({ key, operator, values: [value] });
  }
}
