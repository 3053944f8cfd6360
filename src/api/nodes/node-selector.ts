/**
 * Node selectors of affinity and volumes as functions: compiled once for a pod, called for thousands of
 * nodes.
 */

import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../generated/types.gen.ts';
import { SelectorError } from '../selectors/requirement.ts';
import { type Labels, type Selector, selectorFromLabelSelector } from '../selectors/selector.ts';

export type NodeMatcher = (labels: Labels, name: string) => boolean;

/** One term: every expression and every field must match. An empty or invalid term matches nothing. */
export function compileNodeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeMatcher {
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const byLabels = compile(matchExpressions);
  if (matchFields.length === 0) return (labels) => byLabels.matches(labels);
  const byFields = compile(matchFields);
  return (labels, name) => byLabels.matches(labels) && byFields.matches({ 'metadata.name': name });
}

function compile(matchExpressions: NodeSelectorRequirement[]): Pick<Selector, 'matches'> {
  try {
    return selectorFromLabelSelector({ matchExpressions });
  } catch (error) {
    if (error instanceof SelectorError) return { matches: () => false };
    throw error;
  }
}

/** Terms are alternatives; an empty list matches nothing. */
export function compileNodeSelector(selector: NodeSelector): NodeMatcher {
  const terms = (selector.nodeSelectorTerms ?? []).map(compileNodeTerm);
  return (labels, name) => terms.some((term) => term(labels, name));
}
