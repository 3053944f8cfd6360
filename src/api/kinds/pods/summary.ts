/** The STATUS, READY and RESTARTS columns of a pod, step by step as in upstream's printer. */

import type { ContainerStatus, Pod } from '../../generated/types.gen.ts';
import type { PrintTime } from '../../kind/printer.ts';
import { isConditionTrue } from '../../meta/conditions.ts';
import { sidecars } from '../../pods/containers.ts';
import { isPodReady, isPodTerminal, podCondition } from '../../pods/state.ts';
import { humanAge } from '../../values/duration.ts';

interface Restarts {
  restarts: number;
  /** When a container last terminated before a restart. */
  lastRestart: string;
}

interface Summary extends Restarts {
  reason: string;
  readyContainers: number;
  totalContainers: number;
}

interface Initialization {
  readonly isGoingOn: boolean;
  readonly ofSidecars: Restarts;
}

export function podSummary(pod: Pod): Summary {
  const sidecarNames = new Set(sidecars(pod.spec).map(({ name }) => name));
  const summary: Summary = {
    reason: pod.status?.reason || pod.status?.phase || '',
    readyContainers: 0,
    totalContainers: (pod.spec?.containers?.length ?? 0) + sidecarNames.size,
    restarts: 0,
    lastRestart: '',
  };
  if (podCondition(pod, 'PodScheduled')?.reason === 'SchedulingGated') summary.reason = 'SchedulingGated';
  const { isGoingOn, ofSidecars } = readInitContainers(pod, sidecarNames, summary);
  if (!isGoingOn || isConditionTrue(pod.status, 'Initialized')) readContainers(pod, ofSidecars, summary);
  readDeletion(pod, summary);
  return summary;
}

/** The first init container that is not finished determines the reason. */
function readInitContainers(pod: Pod, sidecars: Set<string>, summary: Summary): Initialization {
  const ofSidecars: Restarts = { restarts: 0, lastRestart: '' };
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (const [i, status] of statuses.entries()) {
    countRestarts(status, summary);
    if (sidecars.has(status.name)) countRestarts(status, ofSidecars);
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started) {
      if (status.ready) summary.readyContainers++;
      continue;
    }
    if (terminated) {
      summary.reason = `Init:${terminated.reason || endText(terminated)}`;
    } else if (waiting?.reason && waiting.reason !== 'PodInitializing') {
      summary.reason = `Init:${waiting.reason}`;
    } else {
      summary.reason = `Init:${i}/${pod.spec?.initContainers?.length ?? 0}`;
    }
    return { isGoingOn: true, ofSidecars };
  }
  return { isGoingOn: false, ofSidecars };
}

/** Once the pod is initialized, restarts of regular init containers no longer count. */
function readContainers(pod: Pod, ofSidecars: Restarts, summary: Summary): void {
  Object.assign(summary, ofSidecars);
  let hasRunning = false;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    countRestarts(status, summary);
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated) summary.reason = terminated.reason || endText(terminated);
    else if (status.ready && running) {
      hasRunning = true;
      summary.readyContainers++;
    }
  }
  if (summary.reason === 'Completed' && hasRunning) {
    summary.reason = isPodReady(pod) ? 'Running' : 'NotReady';
  }
}

function readDeletion(pod: Pod, summary: Summary): void {
  if (!pod.metadata?.deletionTimestamp) return;
  if (pod.status?.reason === 'NodeLost') summary.reason = 'Unknown';
  else if (!isPodTerminal(pod)) summary.reason = 'Terminating';
}

function endText(terminated: { signal?: number; exitCode: number }): string {
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function countRestarts(status: ContainerStatus, summary: Restarts): void {
  summary.restarts += status.restartCount;
  const finishedAt = status.lastState?.terminated?.finishedAt;
  if (finishedAt && finishedAt > summary.lastRestart) summary.lastRestart = finishedAt;
}

/** `3`, or `3 (5s ago)` if the last termination is known. */
export function restartsText({ restarts, lastRestart }: Summary, now: PrintTime): string {
  return restarts !== 0 && lastRestart ? `${restarts} (${humanAge(lastRestart, now)} ago)` : String(restarts);
}
