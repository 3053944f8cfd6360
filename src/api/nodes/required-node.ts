/**
 * A pod's constraints on its node's name and labels: spec.nodeSelector and required node affinity together.
 */

import type { PodSpec } from '../generated/types.gen.ts';
import { selectorFromSet } from '../selectors/selector.ts';
import { compileNodeSelector, type NodeMatcher } from './node-selector.ts';

/** Undefined without constraints. Compiled once for a pod, called for thousands of nodes. */
export function requiredNode({ nodeSelector, affinity }: Partial<PodSpec>): NodeMatcher | undefined {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!nodeSelector && !required) return undefined;
  const bySelector = selectorFromSet(nodeSelector);
  const byAffinity = required && compileNodeSelector(required);
  return (labels, name) => bySelector.matches(labels) && (!byAffinity || byAffinity(labels, name));
}
