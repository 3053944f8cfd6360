/** A full disk takes no new pod, short memory only such as said how much they need or tolerate it. */

import { podQosClass } from '#api/pod-qos.ts';
import type { Pressure } from '../node-pressure.ts';
import type { NodePod } from '../pod.ts';
import { type Rejection, rejection } from './rejection.ts';

const systemCriticalPriority = 2_000_000_000;

export function underPressure(pod: NodePod, pressures: ReadonlySet<Pressure>): Rejection | undefined {
  if ((pod.spec.priority ?? 0) >= systemCriticalPriority) return undefined;
  const memory =
    pressures.has('MemoryPressure') && podQosClass(pod) === 'BestEffort' && !bearsMemoryPressure(pod);
  if (!memory && !pressures.has('DiskPressure')) return undefined;
  return rejection('Evicted', `The node had condition: [${[...pressures].join(' ')}]. `);
}

function bearsMemoryPressure({ spec }: NodePod): boolean {
  const key = 'node.kubernetes.io/memory-pressure';
  return (spec.tolerations ?? []).some(
    (one) =>
      (one.key === key || (!one.key && one.operator === 'Exists')) &&
      (!one.effect || one.effect === 'NoSchedule'),
  );
}
