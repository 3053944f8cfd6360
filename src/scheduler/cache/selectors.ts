/** Label selectors as functions: compiled once for a pod, called for thousands of objects. */

import type { LabelSelector } from '#api/generated/types.gen.ts';
import { type Labels, selectorFromLabelSelector } from '#api/selectors/selector.ts';

export type LabelMatcher = (labels: Labels) => boolean;

/** An absent selector matches nothing, an empty one everything, as apimachinery has it. */
export function compileLabelSelector(selector: LabelSelector | undefined): LabelMatcher {
  const compiled = selectorFromLabelSelector(selector);
  return (labels) => compiled.matches(labels);
}
