/**
 * Shares the server's single thread among flows. Seats alone do not: most requests are answered without a pause, so
 * that two hardly ever execute at the same time. A turn of the event loop therefore begins requests only until its
 * time is used up; the rest wait, and the flow that has used the least time of the thread goes first. A flow that
 * has used clearly less than the flows being served does not wait. The connections of a flow with many waiting requests
 * are not read from meanwhile.
 *
 * A request that arrives while the thread is not busy begins at once, and costs a comparison.
 */

import type { Clock } from '#base/clock.ts';
import { LinkedList } from '#base/collections/linked-list.ts';
import type { Reading } from '../contract/authentication.ts';
import { ParkedConnections } from './parked-connections.ts';
import type { ThreadFlow } from './thread-flow.ts';

/** How long one turn of the event loop begins requests before it returns to the sockets. */
const turnMaxMs = 0.5;
/** The same on a shared thread: another flow's request is read only when the turn has ended. */
const sharedTurnMaxMs = 0.2;
/** Fewer requests than this within `momentMs` leave the thread idle enough: their turn is not timed. */
const fewRequests = 4;
const momentMs = 5;
/** After so many microtasks a request that waits for neither I/O nor a commit has been answered. */
const microtasksMax = 24;
/** The thread counts as shared for this long after two flows have sent requests in turn. */
const sharedMs = 1000;
/**
 * How many requests of one flow may be executing on a shared thread: all that wait for the same commit of the store
 * continue in one turn when it is durable.
 */
const underWayMax = 12;
/** Charged for a request that begins at once although others wait: more than most requests take. */
const chargedMs = 0.2;
/** How much of the thread's time a flow that was idle may use before it waits like the others. */
const creditMaxMs = 5;
/** Requests of such flows that begin at once in one turn: many idle flows at the same time have to wait too. */
const preferredMax = 8;
/** A request that executes for longer does not use the thread, and no longer counts against `underWayMax`. */
const underWayMs = 20;

export class ThreadTurns {
  readonly #clock: Clock;
  readonly #waiting = new LinkedList<ThreadFlow>();
  readonly #parked = new ParkedConnections();
  #turnEndMs = 0;
  #momentMs = 0;
  #inMoment = 0;
  /** `usedMs` of the flow that began last, from which idle flows continue. */
  #usedMs = 0;
  #lastFlow: ThreadFlow | undefined;
  #sharedUntilMs = 0;
  #isShared = false;
  #isAwaited = false;
  #preferred = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** If true, the request has begun, and counts as `weight` requests; if false, it has to `wait`. */
  mayBegin(flow: ThreadFlow, nowMs: number, weight = 1): boolean {
    if (flow !== this.#lastFlow) {
      if (this.#lastFlow) this.#sharedUntilMs = nowMs + sharedMs;
      this.#lastFlow = flow;
    }
    this.#isShared = nowMs < this.#sharedUntilMs;
    if (this.#isFull(flow, nowMs)) return false;
    const isBusy = this.#waiting.size > 0 || !this.#hasTime(nowMs);
    if (isBusy && !this.#isPreferred(flow)) return false;
    flow.underWay += weight;
    flow.lastBeganMs = nowMs;
    return true;
  }

  /** A request that had begun has been answered; `weight` as it began with. */
  ended(flow: ThreadFlow, reading?: Reading, weight = 1): void {
    flow.underWay -= weight;
    if (reading && this.#isShared) this.#parked.offer(flow, reading);
    if (flow.waiting.length > 0 || !this.#parked.isEmpty) this.#soon();
  }

  get #turnMaxMs(): number {
    return this.#isShared ? sharedTurnMaxMs : turnMaxMs;
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

  /** Calls back in a turn that has time left: the request counts as begun then. */
  wait(flow: ThreadFlow, begin: () => void, weight = 1): void {
    this.#add(flow);
    flow.waiting.push({ begin, weight });
    this.#soon();
  }

  /** Calls back in a turn that has time left, for a request that has begun: before those of its flow that have not. */
  goOn(flow: ThreadFlow, callback: () => void): void {
    this.#add(flow);
    flow.goingOn.push(callback);
    this.#soon();
  }

  #add(flow: ThreadFlow): void {
    if (flow.isWaiting) return;
    flow.usedMs = Math.max(flow.usedMs, this.#usedMs);
    flow.place = this.#waiting.add(flow);
  }

  #soon(): void {
    if (this.#turnEndMs === 0) this.#measureTurn(this.#clock.monotonicMs());
  }

  #measureTurn(nowMs: number): void {
    this.#turnEndMs = nowMs + this.#turnMaxMs;
    this.#clock.nextTurn(() => {
      this.#turnEndMs = 0;
      this.#inMoment = 0;
      this.#preferred = 0;
      if (this.#waiting.size > 0) void this.#begin();
      else this.#readOn();
    });
  }

  #readOn(): void {
    if (this.#parked.readOn()) this.#soon();
  }

  async #begin(): Promise<void> {
    let nowMs = this.#clock.monotonicMs();
    let flow = this.#next(nowMs);
    if (flow) this.#measureTurn(nowMs);
    for (const endMs = nowMs + this.#turnMaxMs; flow && nowMs < endMs; flow = this.#next(nowMs)) {
      this.#advance(flow);
      this.#beginNextOf(flow, nowMs);
      if (!flow.isWaiting) this.#waiting.remove(flow.place!);
      for (let i = 0; i < microtasksMax; i++) await undefined;
      const sinceMs = nowMs;
      nowMs = this.#clock.monotonicMs();
      flow.usedMs += nowMs - sinceMs;
    }
    if (!flow && this.#waiting.size > 0) this.#awaitOthers();
    this.#readOn();
  }

  #beginNextOf(flow: ThreadFlow, nowMs: number): void {
    const goOn = flow.goingOn.shift();
    if (goOn) return void goOn();
    const { begin, weight } = flow.waiting.shift()!;
    flow.underWay += weight;
    flow.lastBeganMs = nowMs;
    begin();
  }

  /** A flow that had to wait for its own requests does not go before the others until it has caught up. */
  #advance(flow: ThreadFlow): void {
    flow.usedMs = Math.max(flow.usedMs, this.#usedMs - creditMaxMs);
    this.#usedMs = Math.max(this.#usedMs, flow.usedMs);
  }

  #next(nowMs: number): ThreadFlow | undefined {
    let next: ThreadFlow | undefined;
    for (const flow of this.#waiting) {
      const mayBegin = flow.goingOn.length > 0 || !this.#isFull(flow, nowMs);
      if ((!next || flow.usedMs < next.usedMs) && mayBegin) next = flow;
    }
    return next;
  }

  /** Every waiting flow has `underWayMax` requests executing: look again when these are old. */
  #awaitOthers(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#clock.after(underWayMs, () => {
      this.#isAwaited = false;
      this.#soon();
    });
  }
}
