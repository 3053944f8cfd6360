/** Time as an argument: only `host` reads the machine's clock. */

import { flatText } from './text/flat-text.ts';

/** A pending timer. */
export interface Timer {
  /** Stops the timer; does nothing when it has fired already. */
  cancel(): void;
}

export interface TimerOptions {
  /** Keeps the process alive until the timer fires, for a process that may have nothing else to do. */
  readonly holdsProcess?: boolean;
}

export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start. Never jumps back. */
  monotonicMs(): number;
  /**
   * Runs `fn` once, `delayMs` from now. A pending timer keeps the process alive only when it `holdsProcess`.
   */
  after(delayMs: number, fn: () => void, options?: TimerOptions): Timer;
  /** Runs `fn` in the next turn of the event loop, after pending socket events. */
  nextTurn(fn: () => void): void;
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.nextTurn(resolve));
}

/** Resolves after `ms`, or rejects with the signal's reason when `signal` aborts first. */
export async function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  await pause(clock, ms, signal);
  signal?.throwIfAborted();
}

/** Resolves after `ms`, or when `signal` aborts: for callers that check the signal themselves. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const onAbort = () => {
      timer.cancel();
      resolve();
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** RFC 3339 with whole seconds, as metav1.Time is written: `2026-01-02T03:04:05Z`. */
export function rfc3339(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastText = flatText(`${new Date(ms).toISOString().slice(0, 19)}Z`);
    lastSecond = second;
  }
  return lastText;
}

/** As Go's time.Duration, 64 bits of nanoseconds: beyond 292 years the value wraps around. */
export function durationMs(seconds: number): number {
  if (Math.abs(seconds) < 9e9) return seconds * 1000;
  return Number(BigInt.asIntN(64, BigInt(Math.trunc(seconds)) * 1_000_000_000n) / 1_000_000n);
}

/** Many objects are created within one second: its text is kept. */
let lastSecond = Number.NaN;
let lastText = '';

/** RFC 3339 with microseconds, as metav1.MicroTime is written: `2026-01-02T03:04:05.678000Z`. */
export function rfc3339Micro(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
