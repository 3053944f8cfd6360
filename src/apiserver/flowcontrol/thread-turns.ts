/**
 * Shares the thread among flows. Seats bound how many requests are worked on at once, which says little here: one
 * thread answers them, most without a pause. So a turn of the event loop begins requests only as long as its time
 * lasts; the others wait, and the flow that has used the least of the thread goes first.
 *
 * A request that comes in while the thread is not busy begins at once, and costs a comparison.
 */

import type { Clock } from '#base/clock.ts';

/** Of a turn, before sockets are looked at again. */
const turnMaxMs = 1;
/** So many requests within a moment are no crowd yet: turns are not measured for them. */
const fewRequests = 4;
const momentMs = 5;
/** Until then a request that need not wait for anything has been answered. */
const microtasksMax = 24;

/** Requests that share their part of the thread. */
export class ThreadFlow {
  /** Of the thread, as if all flows had waited since the start. */
  usedMs = 0;
  readonly waiting: (() => void)[] = [];
}

export class ThreadTurns {
  readonly #clock: Clock;
  readonly #waiting = new Set<ThreadFlow>();
  #turnEndMs = 0;
  #momentMs = 0;
  #inMoment = 0;
  /** What the flow had used that began last: those that were idle go on from there. */
  #usedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a request may begin now; otherwise it has to `wait`. */
  mayBegin(nowMs: number): boolean {
    if (this.#waiting.size > 0) return false;
    if (this.#turnEndMs > 0) return nowMs < this.#turnEndMs;
    if (nowMs - this.#momentMs > momentMs) {
      this.#momentMs = nowMs;
      this.#inMoment = 0;
    }
    if (++this.#inMoment >= fewRequests) this.#measureTurn(nowMs);
    return true;
  }

  /** Calls back in a turn that has time left. */
  wait(flow: ThreadFlow, begin: () => void): void {
    if (flow.waiting.length === 0) {
      flow.usedMs = Math.max(flow.usedMs, this.#usedMs);
      this.#waiting.add(flow);
    }
    flow.waiting.push(begin);
    if (this.#turnEndMs === 0) this.#measureTurn(this.#clock.monotonicMs());
  }

  #measureTurn(nowMs: number): void {
    this.#turnEndMs = nowMs + turnMaxMs;
    this.#clock.nextTurn(() => {
      this.#turnEndMs = 0;
      this.#inMoment = 0;
      if (this.#waiting.size > 0) void this.#begin();
    });
  }

  async #begin(): Promise<void> {
    let nowMs = this.#clock.monotonicMs();
    this.#measureTurn(nowMs);
    const endMs = nowMs + turnMaxMs;
    while (this.#waiting.size > 0 && nowMs < endMs) {
      const flow = this.#next();
      this.#usedMs = flow.usedMs;
      flow.waiting.shift()!();
      if (flow.waiting.length === 0) this.#waiting.delete(flow);
      for (let i = 0; i < microtasksMax; i++) await undefined;
      const sinceMs = nowMs;
      nowMs = this.#clock.monotonicMs();
      flow.usedMs += nowMs - sinceMs;
    }
  }

  #next(): ThreadFlow {
    let next: ThreadFlow | undefined;
    for (const flow of this.#waiting) if (!next || flow.usedMs < next.usedMs) next = flow;
    return next!;
  }
}
