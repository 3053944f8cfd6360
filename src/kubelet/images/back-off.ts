/** Back-off of container restarts and image pulls: 10 s, doubling to 5 min, forgotten after 10 quiet minutes. */

import type { Clock } from '#base/clock.ts';

interface Entry {
  delayMs: number;
  lastAtMs: number;
}

const initialDelayMs = 10_000;
const maxDelayMs = 300_000;

export class BackOff {
  private readonly clock: Clock;
  private readonly entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** How long to wait still before `key`, which failed at `failedAtMs`, may be tried again; 0 when now. */
  remainingMs(key: string, failedAtMs: number): number {
    const entry = this.entries.get(key);
    if (!entry || this.expired(entry, failedAtMs)) return 0;
    const leftMs = failedAtMs + entry.delayMs - this.clock.now();
    // Never longer than the delay itself, though the wall clock was set back since.
    return Math.min(Math.max(0, leftMs), entry.delayMs);
  }

  /** Notes a new try of what failed at `failedAtMs`. */
  next(key: string, failedAtMs: number): void {
    const entry = this.entries.get(key);
    const fresh = !entry || this.expired(entry, failedAtMs);
    const delayMs = fresh ? initialDelayMs : Math.min(entry.delayMs * 2, maxDelayMs);
    this.entries.set(key, { delayMs, lastAtMs: this.clock.now() });
  }

  delayMs(key: string): number {
    return this.entries.get(key)?.delayMs ?? 0;
  }

  forget(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.entries.delete(key);
  }

  private expired(entry: Entry, atMs: number): boolean {
    return atMs - entry.lastAtMs > 2 * maxDelayMs;
  }
}

/** A duration as Go prints it: `0s`, `250ms`, `1.5s`, `2m40s`, `5m0s`. */
export function durationText(ms: number): string {
  const whole = Math.round(ms);
  if (whole > 0 && whole < 1000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
