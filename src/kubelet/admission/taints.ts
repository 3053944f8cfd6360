/**
 * A pod is refused by a node from which the taint manager would evict it at once. Static pods run whatever the
 * taints of their node.
 */

import type { Taint } from '#api/generated/types.gen.ts';
import { toleratesEffects } from '#api/pods/tolerations.ts';
import type { NodePod } from '../pod/pod.ts';
import { failedPredicate, type Rejection } from './rejection.ts';

const sourceAnnotation = 'kubernetes.io/config.source';

export function untoleratedTaint(
  { spec, metadata }: NodePod,
  taints: readonly Taint[],
): Rejection | undefined {
  const source = metadata.annotations?.[sourceAnnotation] ?? 'api';
  if (source !== 'api' || toleratesEffects(spec.tolerations ?? [], taints, ['NoExecute'])) return undefined;
  return failedPredicate('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}
