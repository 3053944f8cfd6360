/**
 * Shares the thread among flows. Seats bound how many requests are worked on at once, which says little here: one
 * thread answers them, most without a pause. So a turn of the event loop begins requests only as long as its time
 * lasts; the others wait, and the flow that has used the least of the thread goes first: at once, where it has used
 * clearly less than those that are being served.
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
/** So long after a request of another flow the thread counts as shared. */
const sharedMs = 100;
/**
 * Of a flow on a shared thread, how many requests are under way at once: what waits for one commit of the store goes on
 * all at once when it is done.
 */
const underWayMax = 12;
/** What is charged for a request that begins at once although others wait: more than most of them take. */
const chargedMs = 0.2;
/** What a flow that was idle may use before it waits like the others. */
const creditMaxMs = 5;
/** In one turn: many flows that were idle are a crowd too. */
const preferredMax = 8;
/** Those that take longer wait for something else, and keep others of their flow no longer. */
const underWayMs = 20;

/** Requests that share their part of the thread. */
export class ThreadFlow {
  /** Of the thread, as if all flows had waited since the start. */
  usedMs = 0;
  underWay = 0;
  lastBeganMs = 0;
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
  #lastFlow: ThreadFlow | undefined;
  #sharedUntilMs = 0;
  #isAwaited = false;
  #preferred = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a request may begin now, which has then begun; otherwise it has to `wait`. */
  mayBegin(flow: ThreadFlow, nowMs: number): boolean {
    if (flow !== this.#lastFlow) {
      if (this.#lastFlow) this.#sharedUntilMs = nowMs + sharedMs;
      this.#lastFlow = flow;
    }
    if (this.#isFull(flow, nowMs)) return false;
    const isBusy = this.#waiting.size > 0 || !this.#hasTime(nowMs);
    if (isBusy && !this.#isPreferred(flow)) return false;
    flow.underWay++;
    flow.lastBeganMs = nowMs;
    return true;
  }

  /** A request that had begun has been worked on to its end. */
  ended(flow: ThreadFlow): void {
    flow.underWay--;
    if (flow.waiting.length > 0) this.#soon();
  }

  #isPreferred(flow: ThreadFlow): boolean {
    if (flow.waiting.length > 0 || this.#preferred === preferredMax) return false;
    const usedMs = Math.max(flow.usedMs, this.#usedMs - creditMaxMs) + chargedMs;
    if (usedMs > this.#usedMs) return false;
    flow.usedMs = usedMs;
    this.#preferred++;
    return true;
  }

  #isFull({ underWay, lastBeganMs }: ThreadFlow, nowMs: number): boolean {
    return underWay >= underWayMax && nowMs < this.#sharedUntilMs && nowMs - lastBeganMs < underWayMs;
  }

  #hasTime(nowMs: number): boolean {
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
    this.#soon();
  }

  #soon(): void {
    if (this.#turnEndMs === 0) this.#measureTurn(this.#clock.monotonicMs());
  }

  #measureTurn(nowMs: number): void {
    this.#turnEndMs = nowMs + turnMaxMs;
    this.#clock.nextTurn(() => {
      this.#turnEndMs = 0;
      this.#inMoment = 0;
      this.#preferred = 0;
      if (this.#waiting.size > 0) void this.#begin();
    });
  }

  async #begin(): Promise<void> {
    let nowMs = this.#clock.monotonicMs();
    if (!this.#next(nowMs)) return this.#awaitOthers();
    this.#measureTurn(nowMs);
    const endMs = nowMs + turnMaxMs;
    while (this.#waiting.size > 0 && nowMs < endMs) {
      const flow = this.#next(nowMs);
      if (!flow) return this.#awaitOthers();
      this.#usedMs = flow.usedMs;
      flow.underWay++;
      flow.lastBeganMs = nowMs;
      flow.waiting.shift()!();
      if (flow.waiting.length === 0) this.#waiting.delete(flow);
      for (let i = 0; i < microtasksMax; i++) await undefined;
      const sinceMs = nowMs;
      nowMs = this.#clock.monotonicMs();
      flow.usedMs += nowMs - sinceMs;
    }
  }

  #next(nowMs: number): ThreadFlow | undefined {
    let next: ThreadFlow | undefined;
    for (const flow of this.#waiting) {
      if ((!next || flow.usedMs < next.usedMs) && !this.#isFull(flow, nowMs)) next = flow;
    }
    return next;
  }

  /** All flows that wait have enough under way. */
  #awaitOthers(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#clock.after(underWayMs, () => {
      this.#isAwaited = false;
      this.#soon();
    });
  }
}
