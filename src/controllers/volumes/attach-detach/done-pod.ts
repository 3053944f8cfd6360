/** When a pod needs its volumes no more. */

import type { ContainerStatus, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal } from '#api/pods/state.ts';

/** Does the pod no longer need its volumes? A deleted pod is done when none of its containers runs. */
export function isDone(pod: Stored<Pod>): boolean {
  if (isPodTerminal(pod)) return true;
  if (!pod.metadata.deletionTimestamp) return false;
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  return ![...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].some(mayRun);
}

function mayRun({ state }: ContainerStatus): boolean {
  return !state?.terminated && !state?.waiting;
}
