/** What a pod asks of its node by labels: spec.nodeSelector and required node affinity together. */

import { compileNodeSelector } from '#api/nodes/node-selector.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { compileExactLabels } from '../../cache/selectors.ts';

/** Undefined when it asks nothing. */
export function requiredMatcher(pod: PodInfo): ((node: NodeInfo) => boolean) | undefined {
  const selector = pod.pod.spec?.nodeSelector;
  const required = pod.pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!selector && !required) return undefined;
  const bySelector = compileExactLabels(selector ?? {});
  const byAffinity = required && compileNodeSelector(required);
  return (node) => bySelector(node.labels) && (!byAffinity || byAffinity(node.labels, node.name));
}
