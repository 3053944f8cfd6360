/** How long failures delay new pods of a Job or of an index: 10 s for the first, doubling to ten minutes. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { podCondition } from '#api/pods/state.ts';
import { type BackOffLimits, backOffMs } from '#base/back-off.ts';

const limits: BackOffLimits = { initialMs: 10_000, maxMs: 600_000 };

/** More failures do not lengthen the back-off. */
export const failuresToLongestBackoff = 1 + Math.ceil(Math.log2(limits.maxMs / limits.initialMs));

export function backoffLeftMs(failures: number, lastAtMs: number, nowMs: number): number {
  if (failures === 0) return 0;
  return Math.max(0, lastAtMs + backOffMs(limits, failures) - nowMs);
}

/** When its last container terminated; else when it stopped being ready, or its deletion began. */
export function endedAtMs(pod: Stored<Pod>): number {
  const statuses = pod.status?.containerStatuses ?? [];
  const times = statuses.flatMap(({ state }) => state?.terminated?.finishedAt ?? []);
  if (times.length > 0 && times.length === statuses.length) return Math.max(...times.map(Date.parse));
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  if (deletionTimestamp) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return Date.parse(creationTimestamp);
}
