/** Compiled label selectors of objects, each compiled once for as long as its object lives. */

import type { LabelSelector } from '#api/generated/types.gen.ts';
import { type Selector, selectorFromLabelSelector } from '#api/selectors/selector.ts';

type Labels = Readonly<Record<string, string>>;

const compiled = new WeakMap<LabelSelector, Selector>();

export function matchesSelector(selector: LabelSelector, labels: Labels | undefined): boolean {
  let known = compiled.get(selector);
  if (!known) {
    known = selectorFromLabelSelector(selector);
    compiled.set(selector, known);
  }
  return known.matches(labels);
}

/** Whether every wanted label is present with its value. */
export function matchesLabels(wanted: Labels, labels: Labels = {}): boolean {
  for (const key of Object.keys(wanted)) if (labels[key] !== wanted[key]) return false;
  return true;
}

export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length;
}
