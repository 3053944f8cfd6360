/** How long a pod may still be active: its activeDeadlineSeconds count from its start on the node. */

import type { NodePod } from '../pod/pod.ts';

/** In milliseconds; undefined without a deadline, and before the pod has started. `startTime` is used while the API has none. */
export function deadlineMs(pod: NodePod, startTime: string | undefined, nowMs: number): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  const start = pod.status?.startTime ?? startTime;
  if (seconds === undefined || !start) return undefined;
  return Date.parse(start) + seconds * 1000 - nowMs;
}
