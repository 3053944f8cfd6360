/** Grants a pod other resources when the node has them, and brings them to its containers. */

import { conditionOf } from '#api/meta/conditions.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Rejection } from '../../admission/rejection.ts';
import type { PendingResize } from '../../admission/resize-order.ts';
import { Allocation } from '../../decide/allocation.ts';
import type { ResizeCondition, ResizeState } from '../../decide/resize-state.ts';
import { type NodePod, podReference } from '../../pod/pod.ts';
import { syncRetryMs } from '../../pod/retries.ts';
import type { PodView } from '../../runtime/pod-view.ts';
import type { ContainerStatus } from '../../runtime/runtime.ts';
import { resizeMessage } from './events.ts';
import { isResized, mustRestart, type ResizeParts, resizeContainers } from './resize.ts';

/** What deciding on a resize takes. */
export interface PodResizingParts extends ResizeParts {
  readonly clock: Clock;
  readonly events: EventRecorder;
  /**
   * Why the resources of this resized pod cannot be granted beside those of all other pods now, or undefined.
   */
  deferResize(resize: PendingResize): Rejection | undefined;
}

export class PodResizing {
  /** The source of the pod's resize conditions. */
  state: ResizeState;
  /** As it may run: with the resources that it was granted. */
  pod: NodePod;
  /** As the API server last sent it. */
  #desired: NodePod;
  /** Monotonic: when the newest resize was deferred. */
  #deferredMs: number | undefined;
  readonly #parts: PodResizingParts;
  readonly #allocation: Allocation;

  constructor(parts: PodResizingParts, pod: NodePod) {
    this.#parts = parts;
    this.#desired = pod;
    this.#allocation = new Allocation(pod);
    this.pod = this.#allocation.applied(pod);
    this.state = stateIn(pod);
  }

  update(pod: NodePod): void {
    this.#desired = pod;
    this.pod = this.#allocation.applied(pod);
  }

  /** Comes before a status observes the desired generation, which else would seem to be reached. */
  decide(): void {
    const resize = this.#asked();
    const rejection = resize && this.#parts.deferResize(resize);
    if (rejection) this.#defer(rejection);
    else this.#grant();
  }

  /** A resize that waits for room. */
  get deferred(): PendingResize | undefined {
    return this.state.pending?.reason === 'Deferred' ? this.#asked() : undefined;
  }

  #asked(): PendingResize | undefined {
    if (!this.#allocation.differs(this.#desired)) return undefined;
    const sinceMs = this.#deferredMs ?? this.#parts.clock.monotonicMs();
    return { pod: this.#desired, granted: this.pod, sinceMs };
  }

  /** Brings what was granted to the containers. Returns when to try again, if anything is left to do. */
  async carryOut(view: PodView): Promise<number | undefined> {
    const isDone = isResized(this.#allocation, this.pod, view);
    const problem = await this.#resize(view, isDone).then(() => undefined, errorText);
    this.#settle(view, problem);
    return this.state.pending || problem !== undefined ? syncRetryMs : undefined;
  }

  /** The pod's own limits sink when all its containers, also those that were restarted, have what they were granted. */
  async #resize(view: PodView, isDone: boolean): Promise<void> {
    await resizeContainers(this.#parts, this.#allocation, this.pod, view);
    if (isDone && !this.state.inProgress) return;
    if (isResized(this.#allocation, this.pod, view)) await this.#parts.setup.resizePod?.(this.pod, 'settle');
  }

  /**
   * A resize that the node could never grant is refused at the API server: only one that the CPU manager rules out is
   * Infeasible, all others that are not granted are Deferred. The event names the rejection's reason, as `OutOfcpu`.
   */
  #defer(rejection: Rejection): void {
    const { message } = rejection;
    const reason = rejection.reason === 'Infeasible' ? 'Infeasible' : 'Deferred';
    const { pending } = this.state;
    const generation = generationOf(this.#desired);
    this.#deferredMs ??= this.#parts.clock.monotonicMs();
    this.state = { ...this.state, pending: { reason, message, generation } };
    if (pending?.reason !== reason || pending.generation !== generation) {
      this.#record(
        'Warning',
        `Resize${reason}`,
        resizeMessage(rejection.reason, this.#desired, generation, message),
      );
    }
  }

  #grant(): void {
    const { pending: _, ...state } = this.state;
    this.state = state;
    this.#deferredMs = undefined;
    if (!this.#allocation.differs(this.#desired)) return;
    this.#allocation.grant(this.#desired);
    this.pod = this.#allocation.applied(this.#desired);
    const generation = generationOf(this.#desired);
    this.state = { inProgress: { generation } };
    this.#record('Normal', 'ResizeStarted', resizeMessage('started', this.#desired, generation));
  }

  /**
   * An error stays in the condition until the resize is over, and the generation is that of its beginning, as
   * upstream.
   */
  #settle(view: PodView, problem: string | undefined): void {
    const { inProgress, ...state } = this.state;
    const generation = inProgress?.generation ?? generationOf(this.pod);
    if (isResized(this.#allocation, this.pod, view)) {
      this.state = state;
      if (inProgress) {
        this.#record('Normal', 'ResizeCompleted', resizeMessage('completed', this.pod, generation));
      }
      return;
    }
    const failed = problem === undefined ? undefined : { reason: 'Error', message: problem };
    this.state = { ...state, inProgress: { ...inProgress, ...failed, generation } };
    if (problem !== undefined && (inProgress?.reason !== 'Error' || inProgress.message !== problem)) {
      this.#record('Warning', 'ResizeError', resizeMessage('error', this.pod, generation, problem));
    }
  }

  #record(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#parts.events.event(podReference(this.#desired), type, reason, message);
  }

  /** Ids of containers that must be restarted to get what they were granted. */
  mustRestart(view: PodView): Set<string> {
    return mustRestart(this.#allocation, this.pod, view);
  }

  /** What a container runs with. */
  actual(container: AnyContainer, status: ContainerStatus) {
    return this.#allocation.actual(container, status);
  }
}

function generationOf(pod: NodePod): number {
  return pod.metadata.generation ?? 0;
}

/** As the kubelet reported it before its restart: no event is recorded again for it. */
function stateIn({ status }: NodePod): ResizeState {
  const reported = (type: string): ResizeCondition | undefined => {
    const found = conditionOf(status, type);
    if (!found) return undefined;
    const { reason, message, observedGeneration: generation = 0 } = found;
    return { ...(reason ? { reason } : {}), ...(message ? { message } : {}), generation };
  };
  const [pending, inProgress] = [reported('PodResizePending'), reported('PodResizeInProgress')];
  return { ...(pending ? { pending } : {}), ...(inProgress ? { inProgress } : {}) };
}
