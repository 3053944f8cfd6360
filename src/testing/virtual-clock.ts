/** A clock that only moves when told to: `advance` fires what falls due, in order, and lets work happen between. */

import type { Clock, Timer } from '#base/clock.ts';

interface PendingTimer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly fn: () => void;
}

/** Turns of the event loop given to promises and immediates after each timer. */
const settleTurns = 4;

export class VirtualClock implements Clock {
  #wallOffsetMs: number;
  #monotonicMs = 0;
  #sequence = 0;
  readonly #timers = new Set<PendingTimer>();

  constructor(startMs = Date.parse('2026-01-01T00:00:00Z')) {
    this.#wallOffsetMs = startMs;
  }

  now(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, fn: () => void): Timer {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), sequence: this.#sequence++, fn };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** The event loop's own: it goes on while time stands still. */
  nextTurn(fn: () => void): void {
    setImmediate(fn);
  }

  /** Timers not fired and not cancelled. */
  pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves time on by `ms`; timers set on the way fire too when they fall due in it. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#monotonicMs + ms;
    await settle();
    for (let timer = this.#nextDue(targetMs); timer; timer = this.#nextDue(targetMs)) {
      this.#timers.delete(timer);
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
      timer.fn();
      await settle();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, targetMs);
    await settle();
  }

  /** Sets the wall clock forward or back, as an administrator would; timers and monotonic time do not notice. */
  jump(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #nextDue(targetMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > targetMs) continue;
      if (
        !next ||
        timer.dueMs < next.dueMs ||
        (timer.dueMs === next.dueMs && timer.sequence < next.sequence)
      ) {
        next = timer;
      }
    }
    return next;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < settleTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
