/** What a pod asks of its node by name and labels: spec.nodeSelector and required node affinity together. */

import type { PodSpec } from '../generated/types.gen.ts';
import { selectorFromSet } from '../selectors/selector.ts';
import { compileNodeSelector, type NodeMatcher } from './node-selector.ts';

/** Undefined when it asks nothing. Compiled once for a pod, called for thousands of nodes. */
export function requiredNode({ nodeSelector, affinity }: Partial<PodSpec>): NodeMatcher | undefined {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!nodeSelector && !required) return undefined;
  const bySelector = selectorFromSet(nodeSelector);
  const byAffinity = required && compileNodeSelector(required);
  return (labels, name) => bySelector.matches(labels) && (!byAffinity || byAffinity(labels, name));
}
