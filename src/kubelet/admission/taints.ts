/**
 * A pod is refused by a node from which the taint manager would evict it at once. Static pods run whatever the
 * taints of their node.
 */

import type { Taint } from '#api/generated/types.gen.ts';
import { isStaticPod } from '#api/pods/system-priority.ts';
import { toleratesEffects } from '#api/pods/tolerations.ts';
import type { NodePod } from '../pod/pod.ts';
import { failedPredicate, type Rejection } from './rejection.ts';

export function untoleratedTaint(
  { spec, metadata }: NodePod,
  taints: readonly Taint[],
): Rejection | undefined {
  if (isStaticPod({ metadata }) || toleratesEffects(spec.tolerations ?? [], taints, ['NoExecute'])) {
    return undefined;
  }
  return failedPredicate('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}
