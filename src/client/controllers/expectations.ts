/**
 * Remembers which creations and deletions a controller has requested and not yet seen in its cache, so that
 * it does not act twice on an old view. A change that is not seen within five minutes is given up.
 */

import type { Clock } from '#base/clock.ts';

const expiryMs = 5 * 60_000;

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly sinceMs: number;
}

export class Expectations {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * From now on the view of `key` is stale until so many creations, and the deletions of these uids, are
   * seen.
   */
  expect(key: string, creations: number, deletedUids: readonly string[] = []): void {
    if (creations === 0 && deletedUids.length === 0) return;
    const sinceMs = this.#clock.monotonicMs();
    this.#byKey.set(key, { creations, deletions: new Set(deletedUids), sinceMs });
  }

  /** Also for a creation that failed and so will never be seen. */
  creationSeen(key: string): void {
    const expected = this.#byKey.get(key);
    if (expected && expected.creations > 0) expected.creations--;
  }

  deletionSeen(key: string, uid: string): void {
    this.#byKey.get(key)?.deletions.delete(uid);
  }

  /** Whether the view of `key` can be trusted. */
  satisfied(key: string): boolean {
    const expected = this.#byKey.get(key);
    if (!expected) return true;
    if (expected.creations <= 0 && expected.deletions.size === 0) return true;
    return this.#clock.monotonicMs() - expected.sinceMs > expiryMs;
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
