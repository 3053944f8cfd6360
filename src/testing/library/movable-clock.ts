/**
 * A clock that runs with the machine's and can be moved forward: timers that fall due on the way fire in their
 * order, and what they start gets turns of the event loop before the next of them.
 */

import type { Clock, Timer, TimerOptions } from '#base/clock.ts';
import { systemClock } from '#host/system-env.ts';
import { type DueTimer, nextDue } from '../next-due.ts';

interface PendingTimer extends DueTimer {
  readonly fn: () => void;
  readonly options: TimerOptions | undefined;
  running: Timer;
}

/** After a step, sockets get their turn, so that programs that reach the cluster over HTTPS see the time pass. */
const stepMs = 1_000;
const pauseMs = 2;
const pausesMax = 200;
const turnsPerTimer = 4;

export class MovableClock implements Clock {
  #aheadMs = 0;
  #sequence = 0;
  readonly #timers = new Set<PendingTimer>();

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#aheadMs;
  }

  after(delayMs: number, fn: () => void, options?: TimerOptions): Timer {
    const dueMs = this.monotonicMs() + Math.max(0, delayMs);
    const timer = { dueMs, sequence: this.#sequence++, fn, options, running: neverDue };
    this.#timers.add(timer);
    this.#run(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.running.cancel();
      },
    };
  }

  nextTurn(fn: () => void): void {
    systemClock.nextTurn(fn);
  }

  /** Time goes on meanwhile: afterwards at least `ms` have passed. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.monotonicMs() + ms;
    const step = Math.max(stepMs, ms / pausesMax);
    for (let fromMs = targetMs - ms; fromMs < targetMs; fromMs += step) {
      await this.#fireUntil(Math.min(fromMs + step, targetMs));
      await realPause();
    }
    for (const timer of this.#timers) this.#run(timer);
  }

  async #fireUntil(targetMs: number): Promise<void> {
    for (let timer = nextDue(this.#timers, targetMs); timer; timer = nextDue(this.#timers, targetMs)) {
      this.#moveTo(timer.dueMs);
      timer.running.cancel();
      this.#fire(timer);
      for (let turn = 0; turn < turnsPerTimer; turn++) {
        await new Promise<void>((resolve) => systemClock.nextTurn(resolve));
      }
    }
    this.#moveTo(targetMs);
  }

  #moveTo(monotonicMs: number): void {
    this.#aheadMs += Math.max(0, monotonicMs - this.monotonicMs());
  }

  #run(timer: PendingTimer): void {
    timer.running.cancel();
    const remainingMs = timer.dueMs - this.monotonicMs();
    timer.running = systemClock.after(remainingMs, () => this.#fire(timer), timer.options);
  }

  #fire(timer: PendingTimer): void {
    if (this.#timers.delete(timer)) timer.fn();
  }
}

const neverDue: Timer = { cancel: () => {} };

function realPause(): Promise<void> {
  return new Promise((resolve) => systemClock.after(pauseMs, resolve, { holdsProcess: true }));
}
