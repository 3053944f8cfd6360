/** Label and node selectors as functions: compiled once for a pod, called for thousands of objects. */

import { type Labels, selectorFromLabelSelector, selectorFromSet } from '#api/selector.ts';
import type { LabelSelector, NodeSelector, NodeSelectorTerm } from '#api/types.gen.ts';

export type LabelMatcher = (labels: Labels) => boolean;

/** An absent selector matches nothing, an empty one everything, as apimachinery has it. */
export function compileLabelSelector(selector: LabelSelector | undefined): LabelMatcher {
  const compiled = selectorFromLabelSelector(selector);
  return (labels) => compiled.matches(labels);
}

export function compileExactLabels(wanted: Labels): LabelMatcher {
  const compiled = selectorFromSet(wanted);
  return (labels) => compiled.matches(labels);
}

export type NodeMatcher = (labels: Labels, name: string) => boolean;

/** One term: every expression and every field must hold. An empty term matches nothing. */
export function compileNodeTerm(term: NodeSelectorTerm): NodeMatcher {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return () => false;
  const byLabels = compileLabelSelector({ matchExpressions: expressions });
  if (fields.length === 0) return byLabels;
  const byFields = compileLabelSelector({ matchExpressions: fields });
  return (labels, name) => byLabels(labels) && byFields({ 'metadata.name': name });
}

/** Terms are alternatives; without any, nothing matches. */
export function compileNodeSelector(selector: NodeSelector): NodeMatcher {
  const terms = (selector.nodeSelectorTerms ?? []).map(compileNodeTerm);
  return (labels, name) => terms.some((term) => term(labels, name));
}
