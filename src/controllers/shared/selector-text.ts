/** A label selector as Go prints its type, in events and conditions. */

import type { LabelSelector } from '#api/generated/types.gen.ts';

export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}: ${value},`);
  const requirements = matchExpressions.map(({ key, operator, values = [] }) => {
    return `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`;
  });
  const maps = `MatchLabels:map[string]string{${labels.sort().join('')}}`;
  return `&LabelSelector{${maps},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`;
}
