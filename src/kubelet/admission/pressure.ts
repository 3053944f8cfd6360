/**
 * A node under DiskPressure or PIDPressure admits no new pod, one under MemoryPressure alone none of class
 * BestEffort that does not tolerate it.
 */

import { podQosClass } from '#api/pods/qos.ts';
import { isCriticalPod } from '#api/pods/system-priority.ts';
import { tolerates } from '#api/pods/tolerations.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

export function underPressure(pod: NodePod, pressures: ReadonlySet<Pressure>): Rejection | undefined {
  if (isCriticalPod(pod)) return undefined;
  const refusesAll = pressures.has('DiskPressure') || pressures.has('PIDPressure');
  const refusesThis =
    pressures.has('MemoryPressure') &&
    podQosClass(pod) === 'BestEffort' &&
    !tolerates(pod.spec.tolerations ?? [], taint);
  if (!refusesAll && !refusesThis) return undefined;
  return rejection('Evicted', `The node had condition: [${[...pressures].join(' ')}]. `);
}
