/** Grants a pod other resources when the node has them, and brings them to its containers. */

import { errorText } from '#base/error-text.ts';
import { Allocation } from './allocation.ts';
import type { NodeParts } from './node-parts.ts';
import { type AnyContainer, type NodePod, podReference } from './pod.ts';
import type { PodView } from './pod-view.ts';
import {
  isResized,
  mustRestart,
  type ResizeCondition,
  type ResizeRefusal,
  type ResizeState,
  resizeContainers,
} from './resize.ts';
import { resizeMessage } from './resize-events.ts';
import type { ContainerStatus } from './runtime.ts';

const retryMs = 10_000;

export class PodResizing {
  /** Told as the pod's conditions. */
  state: ResizeState;
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
    this.state = toldBefore(pod);
  }

  update(pod: NodePod): void {
    this.wish = pod;
    this.pod = this.allocation.applied(pod);
  }

  /** Comes before a status observes the wish's generation, which else would seem to be fulfilled. */
  decide(): void {
    const refusal = this.allocation.differs(this.wish) ? this.parts.refusesResize(this.wish) : undefined;
    if (refusal) this.defer(refusal);
    else this.grant();
  }

  /** Brings what was granted to the containers. Returns when to try again what could not be done. */
  async carryOut(view: PodView): Promise<number | undefined> {
    const problem = await resizeContainers(this.parts, this.allocation, this.pod, view).then(
      () => undefined,
      errorText,
    );
    this.settle(view, problem);
    return this.state.pending || problem !== undefined ? retryMs : undefined;
  }

  private defer({ reason, cause, message }: ResizeRefusal): void {
    const { pending } = this.state;
    const generation = generationOf(this.wish);
    this.state = { ...this.state, pending: { reason, message, generation } };
    if (pending?.reason !== reason || pending.generation !== generation)
      this.tell('Warning', `Resize${reason}`, resizeMessage(cause, this.wish, generation, message));
  }

  private grant(): void {
    const { pending: _, ...state } = this.state;
    this.state = state;
    if (!this.allocation.differs(this.wish)) return;
    this.allocation.grant(this.wish);
    this.pod = this.allocation.applied(this.wish);
    const generation = generationOf(this.wish);
    this.state = { inProgress: { generation } };
    this.tell('Normal', 'ResizeStarted', resizeMessage('started', this.wish, generation));
  }

  /** What went wrong is told until the resize is over, and the generation is that of its beginning, as upstream. */
  private settle(view: PodView, problem: string | undefined): void {
    const { inProgress, ...state } = this.state;
    const generation = inProgress?.generation ?? generationOf(this.pod);
    if (isResized(this.allocation, this.pod, view)) {
      this.state = state;
      if (inProgress)
        this.tell('Normal', 'ResizeCompleted', resizeMessage('completed', this.pod, generation));
      return;
    }
    const failed = problem === undefined ? undefined : { reason: 'Error', message: problem };
    this.state = { ...state, inProgress: { ...inProgress, ...failed, generation } };
    if (problem !== undefined && (inProgress?.reason !== 'Error' || inProgress.message !== problem))
      this.tell('Warning', 'ResizeError', resizeMessage('error', this.pod, generation, problem));
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.parts.events.event(podReference(this.wish), type, reason, message);
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

function generationOf(pod: NodePod): number {
  return pod.metadata.generation ?? 0;
}

/** By the kubelet before this one: it need not be told again. */
function toldBefore({ status }: NodePod): ResizeState {
  const told = (type: string): ResizeCondition | undefined => {
    const found = status?.conditions?.find((one) => one.type === type);
    if (!found) return undefined;
    const { reason, message, observedGeneration: generation = 0 } = found;
    return { ...(reason ? { reason } : {}), ...(message ? { message } : {}), generation };
  };
  const [pending, inProgress] = [told('PodResizePending'), told('PodResizeInProgress')];
  return { ...(pending ? { pending } : {}), ...(inProgress ? { inProgress } : {}) };
}
