/** Grants a pod other resources when the node has them, and brings them to its containers. */

import { Allocation } from './allocation.ts';
import type { NodeParts } from './node-parts.ts';
import type { AnyContainer, NodePod } from './pod.ts';
import type { PodView } from './pod-view.ts';
import { isResized, mustRestart, type ResizeState, resizeContainers } from './resize.ts';
import type { ContainerStatus } from './runtime.ts';

const retryMs = 10_000;

export class PodResizing {
  /** Told as the pod's conditions. */
  state: ResizeState = {};
  /** As it may run: with the resources that it was granted. */
  pod: NodePod;
  /** As the API server last told of it. */
  private wish: NodePod;
  private readonly parts: NodeParts;
  private readonly allocation: Allocation;

  constructor(parts: NodeParts, pod: NodePod) {
    this.parts = parts;
    this.wish = pod;
    this.allocation = new Allocation(pod);
    this.pod = this.allocation.applied(pod);
  }

  update(pod: NodePod): void {
    this.wish = pod;
    this.pod = this.allocation.applied(pod);
  }

  /** Returns when to try again what could not be done. */
  async carryOut(view: PodView): Promise<number | undefined> {
    const { allocation, parts, wish } = this;
    const pending = allocation.differs(wish) ? parts.refusesResize(wish) : undefined;
    if (!pending && allocation.differs(wish)) {
      allocation.grant(wish);
      this.pod = allocation.applied(wish);
    }
    const problem = await resizeContainers(parts, allocation, this.pod, view).then(
      () => undefined,
      (error: unknown) => ({ reason: 'Error', message: String(error) }),
    );
    const done = isResized(allocation, this.pod, view);
    this.state = { ...(pending ? { pending } : {}), ...(done ? {} : { inProgress: problem ?? {} }) };
    return pending || problem ? retryMs : undefined;
  }

  /** Ids of containers that must be started anew for what they were granted. */
  mustRestart(view: PodView): Set<string> {
    return mustRestart(this.allocation, this.pod, view);
  }

  /** What a container runs with. */
  actual(container: AnyContainer, status: ContainerStatus) {
    return this.allocation.actual(container, status);
  }
}
