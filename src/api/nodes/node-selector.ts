/** Node selectors of affinity and volumes as functions: compiled once for a pod, called for thousands of nodes. */

import type { NodeSelector, NodeSelectorTerm } from '../generated/types.gen.ts';
import { type Labels, selectorFromLabelSelector } from '../selectors/selector.ts';

export type NodeMatcher = (labels: Labels, name: string) => boolean;

/** One term: every expression and every field must hold. An empty term matches nothing. */
export function compileNodeTerm(term: NodeSelectorTerm): NodeMatcher {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return () => false;
  const byLabels = selectorFromLabelSelector({ matchExpressions: expressions });
  if (fields.length === 0) return (labels) => byLabels.matches(labels);
  const byFields = selectorFromLabelSelector({ matchExpressions: fields });
  return (labels, name) => byLabels.matches(labels) && byFields.matches({ 'metadata.name': name });
}

/** Terms are alternatives; without any, nothing matches. */
export function compileNodeSelector(selector: NodeSelector): NodeMatcher {
  const terms = (selector.nodeSelectorTerms ?? []).map(compileNodeTerm);
  return (labels, name) => terms.some((term) => term(labels, name));
}
