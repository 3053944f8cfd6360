/**
 * Remembers that the disk is full, so that writes which would be in vain are refused at once, but for one try
 * now and then.
 */

import { statfsSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';

const retryAfterMs = 1000;
/** That much more free space than at the failure is worth a try at once. */
const roomBytes = 256 * 1024;

export class FullDisk {
  readonly #folder: string;
  readonly #clock: Clock;
  #met: { readonly error: Error; readonly freeBytes: number; readonly atMs: number } | undefined;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** A write found no room. */
  met(error: Error): void {
    this.#met = { error, freeBytes: this.#freeBytes(), atMs: this.#clock.monotonicMs() };
  }

  /** An ordinary write found room. */
  passed(): void {
    this.#met = undefined;
  }

  /** Undefined as well when a write is worth a try. */
  refusal(): Error | undefined {
    if (!this.#met) return undefined;
    const { error, freeBytes, atMs } = this.#met;
    if (this.#clock.monotonicMs() - atMs >= retryAfterMs) return undefined;
    return this.#freeBytes() >= freeBytes + roomBytes ? undefined : error;
  }

  /** Until an ordinary write has found room again. */
  error(): Error | undefined {
    return this.#met?.error;
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }
}
