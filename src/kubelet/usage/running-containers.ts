/** The containers that run on a node, by the statuses of its pods. */

import type { PodStatus } from '#api/generated/types.gen.ts';
import type { NodePod } from '../pod/pod.ts';
import type { RunningContainer } from './usage.ts';

export function runningContainers(
  pods: readonly NodePod[],
  statusOf: (pod: NodePod) => PodStatus | undefined,
): RunningContainer[] {
  return pods.flatMap((pod) => {
    const status = statusOf(pod);
    const all = [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
      ...(status?.ephemeralContainerStatuses ?? []),
    ];
    return all.flatMap(({ name, state, image, containerID = '' }) =>
      state?.running && containerID ? [{ pod, name, id: idOf(containerID), image }] : [],
    );
  });
}

/** `containerd://ID` → `ID`. */
function idOf(containerId: string): string {
  return containerId.slice(containerId.indexOf('://') + '://'.length);
}
