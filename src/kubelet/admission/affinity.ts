/**
 * A pod's node selector and required node affinity hold for the node, also when a pod names its node itself.
 */

import { requiredNode } from '#api/nodes/required-node.ts';
import type { NodePod } from '../pod/pod.ts';
import { failedPredicate, type Rejection } from './rejection.ts';

interface Place {
  readonly nodeName: string;
  readonly labels: Record<string, string>;
}

export function failedAffinity({ spec }: NodePod, { nodeName, labels }: Place): Rejection | undefined {
  if (requiredNode(spec)?.(labels, nodeName) !== false) return undefined;
  return failedPredicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
}
