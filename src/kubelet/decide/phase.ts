/** The phase of a pod, from its containers' states alone. */

import type { ContainerStatus } from '#api/generated/types.gen.ts';
import { isSidecar } from '#api/pods/containers.ts';
import { initContainers, type NodePod } from '../pod/pod.ts';
import { restartsAfter } from './container-plan.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

interface Counts {
  unknown: number;
  running: number;
  waiting: number;
  stopped: number;
  succeeded: number;
  /** Stopped, but about to be started again. */
  restarting: number;
}

export function phaseOf(
  pod: NodePod,
  init: ContainerStatus[],
  main: ContainerStatus[],
  ended: boolean,
): Phase {
  const { pending, failed } = initProgress(pod, init);
  const counts = countStates(pod, main);
  if (failed > 0) return 'Failed';
  // After initialization the main part decides, even when an init container's record is gone.
  const begun = counts.running + counts.stopped > 0;
  if (pending > 0 && !begun && !ended) return 'Pending';
  if (counts.waiting > 0) return counts.stopped > 0 || counts.running > 0 ? 'Running' : 'Pending';
  if (counts.running > 0 && counts.unknown === 0) return 'Running';
  if (counts.running === 0 && counts.stopped > 0 && counts.unknown === 0) {
    if (ended) return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
    if (counts.restarting > 0) return 'Running';
    return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
  }
  return 'Pending';
}

/** `failed` are those that ended badly and will not be tried again. */
function initProgress(pod: NodePod, statuses: ContainerStatus[]): { pending: number; failed: number } {
  let pending = 0;
  let failed = 0;
  for (const container of initContainers(pod)) {
    const status = statuses.find((status) => status.name === container.name);
    const ended = status?.state?.terminated ?? status?.lastState?.terminated;
    if (isSidecar(container)) {
      if (!status?.started && !ended) pending++;
    } else if (status?.state?.terminated) {
      const { exitCode } = status.state.terminated;
      if (exitCode !== 0 && !restartsAfter(pod, container, { exitCode })) failed++;
      else if (exitCode !== 0) pending++;
    } else pending++;
  }
  return { pending, failed };
}

function countStates(pod: NodePod, statuses: ContainerStatus[]): Counts {
  const counts: Counts = { unknown: 0, running: 0, waiting: 0, stopped: 0, succeeded: 0, restarting: 0 };
  for (const container of pod.spec.containers) {
    const status = statuses.find((status) => status.name === container.name);
    if (!status) counts.unknown++;
    else if (status.state?.running) counts.running++;
    else if (status.state?.terminated) {
      const { exitCode } = status.state.terminated;
      counts.stopped++;
      if (exitCode === 0) counts.succeeded++;
      if (restartsAfter(pod, container, { exitCode })) counts.restarting++;
    } else if (status.lastState?.terminated) {
      counts.stopped++;
      counts.restarting++;
    } else counts.waiting++;
  }
  return counts;
}
