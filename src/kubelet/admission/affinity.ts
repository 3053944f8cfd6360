/** A pod's node selector and required node affinity hold for the node, also when a pod names its node itself. */

import { compileNodeSelector } from '#api/nodes/node-selector.ts';
import { ownValue } from '#base/own-value.ts';
import type { NodePod } from '../pod/pod.ts';
import { failedPredicate, type Rejection } from './rejection.ts';

interface Place {
  readonly nodeName: string;
  readonly labels: Record<string, string>;
}

export function failedAffinity({ spec }: NodePod, { nodeName, labels }: Place): Rejection | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selected = Object.entries(spec.nodeSelector ?? {}).every(
    ([key, value]) => ownValue(labels, key) === value,
  );
  if (selected && (!required || compileNodeSelector(required)(labels, nodeName))) return undefined;
  return failedPredicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
}
