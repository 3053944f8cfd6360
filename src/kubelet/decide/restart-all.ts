/**
 * The restart of all containers of a pod in place, by a restart rule with the action RestartAllContainers: sandbox,
 * volumes and addresses stay; every container is removed from the runtime, then the pod begins again with its init
 * containers. Pure; follows upstream's `getContainersToReset` and `ShouldAllContainersRestart`.
 *
 * 1. A container ends with an exit code that its rule names: it triggers the restart.
 * 2. All others are killed and removed, those that triggered it last: a kubelet that starts again meanwhile goes on.
 * 3. Nothing is left: the containers are reported as waiting, and start in their order.
 */

import type { ContainerStatus as ApiStatus, PodStatus } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { containerStatus, startedContainers } from '#api/pods/containers.ts';
import { mayRestartAll, restartAction } from '#api/pods/restart-rules.ts';
import type { NodePod } from '../pod/pod.ts';
import { latest, type PodView } from '../runtime/pod-view.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';

export const restartingReason = 'RestartingAllContainers';
const removedMessage = 'The container is removed because RestartAllContainers in place';

/** The containers to remove, in this order; one that has not ended is killed first. Empty while nothing triggers it. */
export function containersToReset({ spec }: NodePod, view: PodView): ContainerStatus[] {
  const parts = [spec.containers, spec.initContainers ?? []].map((list) => {
    const own = list.flatMap((container) =>
      view.containers
        .filter(({ name }) => name === container.name)
        .map((status) => ({ status, triggers: triggers(container, status) })),
    );
    return Map.groupBy(own, (entry) => entry.triggers);
  });
  const statusesThat = (isTrigger: boolean) =>
    parts.flatMap((part) => (part.get(isTrigger) ?? []).map(({ status }) => status));
  const sources = statusesThat(true);
  return sources.length > 0 ? [...statusesThat(false), ...sources] : [];
}

function triggers(container: Parameters<typeof restartAction>[0], status: ContainerStatus): boolean {
  return status.state === 'exited' && restartAction(container, status.exitCode) === 'RestartAllContainers';
}

/** `before` is the status that was reported last. */
export function isRestartingAll(pod: NodePod, view: PodView, before: PodStatus | undefined): boolean {
  if (!mayRestartAll(pod.spec)) return false;
  if (conditionOf(before, 'AllContainersRestarting')?.status === 'True') return true;
  return startedContainers(pod.spec).some((container) => {
    const now = latest(view, container.name);
    if (now && triggers(container, now)) return true;
    const ended = now ? undefined : containerStatus(before, container.name)?.state?.terminated;
    return ended !== undefined && restartAction(container, ended.exitCode) === 'RestartAllContainers';
  });
}

/** Nothing of its containers is in the runtime any more. */
export function isReset({ spec }: NodePod, view: PodView): boolean {
  return startedContainers(spec).every(({ name }) => !latest(view, name));
}

/** Of a container that was removed, and was not waiting before. */
export function removedStatus(status: ApiStatus, before: ApiStatus): ApiStatus {
  const removed = { reason: restartingReason, message: removedMessage };
  return {
    ...status,
    state: { waiting: removed },
    lastState: { terminated: { ...removed, exitCode: 137 } },
    restartCount: before.restartCount + 1,
  };
}
