/** The pods that failed a while ago: each is due after its back-off, and a timer calls for the first of them. */

import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import type { Clock, Timer } from '#base/clock.ts';
import { Heap } from './heap.ts';
import { keyOf, type QueuedPod } from './queued-pod.ts';

export interface BackoffOptions {
  readonly clock: Clock;
  readonly limits: BackOffLimits;
  /** Called when a pod is due. */
  readonly onDue: () => void;
}

export class BackoffPods {
  readonly #options: BackoffOptions;
  readonly #pods = new Heap<QueuedPod>(keyOf, (a, b) => a.retryAtMs < b.retryAtMs);
  #timer: Timer | undefined;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#pods.size;
  }

  get(key: string): QueuedPod | undefined {
    return this.#pods.get(key);
  }

  remove(key: string): void {
    this.#pods.remove(key);
  }

  isOver(queued: QueuedPod): boolean {
    return this.#retryAtMs(queued) <= this.#options.clock.monotonicMs();
  }

  push(queued: QueuedPod): void {
    queued.retryAtMs = this.#retryAtMs(queued);
    this.#pods.push(queued);
    if (this.#pods.peek() === queued) this.#arm();
  }

  /** The first pod before it is due, unless its back-off must pass in full. */
  popEarly(): QueuedPod | undefined {
    const next = this.#pods.peek();
    return next && !next.afterError ? this.#pods.pop() : undefined;
  }

  /** The pods whose back-off is over; arms the timer for the others. */
  popDue(): QueuedPod[] {
    const nowMs = this.#options.clock.monotonicMs();
    const due: QueuedPod[] = [];
    for (let next = this.#pods.peek(); next && next.retryAtMs <= nowMs; next = this.#pods.peek()) {
      this.#pods.pop();
      due.push(next);
    }
    this.#arm();
    return due;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #retryAtMs(queued: QueuedPod): number {
    return queued.queuedAtMs + backOffMs(this.#options.limits, queued.attempts);
  }

  #arm(): void {
    this.#timer?.cancel();
    const next = this.#pods.peek();
    if (!next) return;
    const { clock, onDue } = this.#options;
    this.#timer = clock.after(Math.max(0, next.retryAtMs - clock.monotonicMs()), onDue);
  }
}
