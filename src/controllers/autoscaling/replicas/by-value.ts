/** How many replicas keep the value of a metric, which is no pod's, at its target. Follows upstream's replica calculator. */

import { isPodReady } from '#api/pods/state.ts';
import type { PodsView } from './by-pods.ts';
import { ceilInt32, ceilInt64, int64Max } from './go-int.ts';
import { MetricError } from './metric-error.ts';
import { isTolerable, type Tolerances } from './tolerances.ts';

export interface ValueProposal {
  readonly replicas: number;
  /** The metric, or its average for each pod, in thousandths. */
  readonly value: bigint;
}

/** `usage` and `target` in thousandths, for all pods together. Without pods, each whole target asks for one. */
export function replicasByValue(view: PodsView, usage: bigint, target: bigint): ValueProposal {
  const { currentReplicas, tolerances } = view;
  const ratio = Number(usage) / Number(target);
  if (currentReplicas === 0) return { replicas: ceilInt32(ratio), value: usage };
  if (isTolerable(ratio, tolerances)) return { replicas: currentReplicas, value: usage };
  return { replicas: ceilInt32(ratio * readyCount(view)), value: usage };
}

function readyCount({ pods }: PodsView): number {
  if (pods.length === 0) {
    const reason = 'no pods returned by selector while calculating replica count';
    throw new MetricError(`unable to calculate ready pods: ${reason}`);
  }
  return pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
}

/** `usage` and `target` in thousandths; `target` for each pod of the `statusReplicas` that there are. */
export function replicasByShare(
  statusReplicas: number,
  tolerances: Tolerances,
  usage: bigint,
  target: bigint,
): ValueProposal {
  const ratio = Number(usage) / (Number(target) * statusReplicas);
  const replicas = isTolerable(ratio, tolerances)
    ? statusReplicas
    : ceilInt32(Number(usage) / Number(target));
  const value = usage >= int64Max ? int64Max : ceilInt64(Number(usage) / statusReplicas);
  return { replicas, value };
}
