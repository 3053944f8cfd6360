/** Gives running containers more or less cpu and memory without starting them anew, as far as their policy allows. */

import { type Allocation, isSame, resizableContainers, wantsRestart } from './allocation.ts';
import type { NodeParts } from './node-parts.ts';
import type { AnyContainer, NodePod } from './pod.ts';
import { latest, type PodView } from './pod-view.ts';
import { containerResources } from './resources.ts';

/** How far a pod's wish for other resources has come; told as its conditions. */
export interface ResizeState {
  /** Not granted: `Infeasible` never can be, `Deferred` may be later. */
  readonly pending?: { readonly reason: string; readonly message: string };
  /** Granted, but some container does not run with it yet; with what went wrong. */
  readonly inProgress?: { readonly reason?: string; readonly message?: string };
}

interface Change {
  readonly id: string;
  readonly container: AnyContainer;
}

/** Ids of containers that must be started anew for what they were granted. */
export function mustRestart(allocation: Allocation, pod: NodePod, view: PodView): Set<string> {
  const changes = changesOf(allocation, pod, view);
  return new Set(changes.filter((one) => isRestart(allocation, view, one)).map((one) => one.id));
}

/** Carries out what needs no restart. Rejects with what the runtime said. */
export async function resizeContainers(
  parts: NodeParts,
  allocation: Allocation,
  pod: NodePod,
  view: PodView,
): Promise<boolean> {
  const changes = changesOf(allocation, pod, view).filter((one) => !isRestart(allocation, view, one));
  if (changes.length === 0) return false;
  // The pod's own limits hold for all its containers: they rise before the first and sink after the last.
  parts.setup.resizePod?.(pod, 'rise');
  for (const { id, container } of changes) {
    await parts.runtime.updateContainerResources(
      id,
      containerResources(pod, container, parts.memoryBytes, parts.allocatable()),
    );
    allocation.setActual(id, container.resources ?? {});
  }
  parts.setup.resizePod?.(pod, 'settle');
  return true;
}

export function isResized(allocation: Allocation, pod: NodePod, view: PodView): boolean {
  return changesOf(allocation, pod, view).length === 0;
}

function changesOf(allocation: Allocation, pod: NodePod, view: PodView): Change[] {
  return resizableContainers(pod).flatMap((container) => {
    const status = latest(view, container.name);
    if (status?.state !== 'running') return [];
    const same = isSame(allocation.actual(container, status), container.resources);
    return same ? [] : [{ id: status.id, container }];
  });
}

function isRestart(allocation: Allocation, view: PodView, { id, container }: Change): boolean {
  const status = view.containers.find((one) => one.id === id)!;
  return wantsRestart(container, allocation.actual(container, status), container.resources ?? {});
}
