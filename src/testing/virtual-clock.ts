/**
 * A clock that only moves by `advance`, which fires due timers in order, and lets other work run in between.
 */

import type { Clock, Timer } from '#base/clock.ts';
import { type DueTimer, nextDue } from './next-due.ts';

interface PendingTimer extends DueTimer {
  readonly fn: () => void;
}

/** Turns of the event loop for promises and immediates after each timer. */
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

  /** Turns of the real event loop: they continue while time stands still. */
  nextTurn(fn: () => void): void {
    setImmediate(fn);
  }

  /** Timers that have neither fired nor been cancelled. */
  pendingTimers(): number {
    return this.#timers.size;
  }

  /** Advances time by `ms`; timers set meanwhile fire too when they are due. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#monotonicMs + ms;
    await settle();
    for (let timer = nextDue(this.#timers, targetMs); timer; timer = nextDue(this.#timers, targetMs)) {
      this.#timers.delete(timer);
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
      timer.fn();
      await settle();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, targetMs);
    await settle();
  }

  /**
   * Sets the wall clock forward or back, as an administrator would; timers and monotonic time are not
   * affected.
   */
  jump(ms: number): void {
    this.#wallOffsetMs += ms;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < settleTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
