/**
 * The groups of pods that end one after the other when the machine shuts down, the least important first. Pure; as
 * upstream's `groupByPriority`.
 */

import type { ShutdownPeriod } from '#api/configuration/kubelet/shutdown-periods.ts';
import type { NodePod } from '../../pod/pod.ts';

export interface ShutdownGroup<P> {
  readonly graceSeconds: number;
  readonly pods: P[];
}

/** `periods` in the order of their priorities, one at least. A pod is of the highest that its own reaches. */
export function shutdownGroups<P extends { readonly pod: NodePod }>(
  periods: readonly ShutdownPeriod[],
  pods: readonly P[],
): ShutdownGroup<P>[] {
  const groups = periods.map(({ graceSeconds }): ShutdownGroup<P> => ({ graceSeconds, pods: [] }));
  for (const entry of pods) {
    const priority = entry.pod.spec.priority ?? 0;
    const index = periods.findLastIndex((period) => period.priority <= priority);
    groups[Math.max(index, 0)]!.pods.push(entry);
  }
  return groups.filter((group) => group.pods.length > 0);
}
