/** Gives running containers more or less cpu and memory in place, as far as their resize policy allows. */

import type { Container } from '#api/generated/types.gen.ts';
import { type AnyContainer, startedContainers } from '#api/pods/containers.ts';
import { quantityValue } from '#api/values/quantity.ts';
import { type Allocation, isSame, wantsRestart } from '../../decide/allocation.ts';
import { type CpuSource, containerResources, podResources } from '../../decide/resources.ts';
import type { SwapRules } from '../../decide/swap.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { PodSetup } from '../../runtime/machine.ts';
import { latest, type PodView } from '../../runtime/pod-view.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** What resizing containers takes. */
export interface ResizeParts {
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  allocatable(): Record<string, string>;
  readonly swap: SwapRules;
  /** Absent where containers use all processors. */
  readonly cpus?: CpuSource | undefined;
}

interface Change {
  readonly id: string;
  readonly container: AnyContainer;
}

/** Ids of containers that must be restarted to get what they were granted. */
export function mustRestart(allocation: Allocation, pod: NodePod, view: PodView): Set<string> {
  const changes = changesOf(allocation, pod, view);
  return new Set(changes.filter((change) => isRestart(allocation, view, change)).map((change) => change.id));
}

/**
 * Carries out what needs no restart, and makes room in the pod's own limits for containers that are restarted with more.
 * Rejects with the runtime's error.
 */
export async function resizeContainers(
  parts: ResizeParts,
  allocation: Allocation,
  pod: NodePod,
  view: PodView,
): Promise<void> {
  const all = changesOf(allocation, pod, view);
  if (all.length === 0) return;
  const changes = all.filter((change) => !isRestart(allocation, view, change));
  if (changes.length > 0) await refuseBelowUsage(parts, allocation, pod, view, changes);
  // The pod's own limits hold for all its containers: they rise before the first and sink after the last.
  await parts.setup.resizePod?.(pod, 'rise');
  for (const { id, container } of changes) {
    await parts.runtime.updateContainerResources(
      id,
      containerResources(
        pod,
        container,
        parts.swap,
        parts.allocatable(),
        parts.cpus?.of(pod.metadata.uid, container.name),
      ),
    );
    allocation.setActual(id, container.resources ?? {});
  }
}

/** A memory limit below what is in use would end processes instead of making room. */
async function refuseBelowUsage(
  { runtime }: ResizeParts,
  allocation: Allocation,
  pod: NodePod,
  view: PodView,
  changes: readonly Change[],
): Promise<void> {
  const before = podResources(withActual(allocation, pod, view)).memoryLimitBytes;
  const after = podResources(pod).memoryLimitBytes;
  const lowered = changes.filter(({ id, container }) => {
    const { annotations } = view.containers.find((container) => container.id === id)!;
    const was = quantityValue(allocation.actual(container, { id, annotations }).limits?.['memory']);
    return isLower(was, memoryLimit(container));
  });
  if (!isLower(before, after) && lowered.length === 0) return;
  const usage = (await runtime.listUsage()).filter((usage) => usage.podUid === pod.metadata.uid);
  const used = usage.reduce((sum, each) => sum + each.memoryTotalBytes, 0);
  const problems: string[] = [];
  if (isLower(before, after) && used >= after) {
    problems.push(`attempting to set pod memory limit (${after}) below current usage (${used})`);
  }
  for (const { id, container } of lowered) {
    const own = usage.find((each) => each.containerId === id)?.memoryTotalBytes ?? 0;
    const limit = memoryLimit(container);
    const what = `container ${JSON.stringify(container.name)} memory limit (${limit})`;
    if (own >= limit) problems.push(`attempting to set ${what} below current usage (${own})`);
  }
  if (problems.length === 0) return;
  const all = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
  throw new Error(`cannot decrease memory limits: ${all}`);
}

/** 0 is no limit. */
function isLower(before: number, after: number): boolean {
  return after > 0 && (before === 0 || after < before);
}

function memoryLimit({ resources }: AnyContainer): number {
  return quantityValue(resources?.limits?.['memory']);
}

function withActual(allocation: Allocation, pod: NodePod, view: PodView): NodePod {
  const actual = (container: Container): Container => {
    const status = latest(view, container.name);
    return status?.state === 'running'
      ? { ...container, resources: allocation.actual(container, status) }
      : container;
  };
  const { containers, initContainers: init = [] } = pod.spec;
  return {
    ...pod,
    spec: { ...pod.spec, containers: containers.map(actual), initContainers: init.map(actual) },
  };
}

export function isResized(allocation: Allocation, pod: NodePod, view: PodView): boolean {
  return changesOf(allocation, pod, view).length === 0;
}

function changesOf(allocation: Allocation, pod: NodePod, view: PodView): Change[] {
  return startedContainers(pod.spec).flatMap((container) => {
    const status = latest(view, container.name);
    if (status?.state !== 'running') return [];
    const same = isSame(allocation.actual(container, status), container.resources);
    return same ? [] : [{ id: status.id, container }];
  });
}

function isRestart(allocation: Allocation, view: PodView, { id, container }: Change): boolean {
  const status = view.containers.find((container) => container.id === id)!;
  return wantsRestart(container, allocation.actual(container, status), container.resources ?? {});
}
