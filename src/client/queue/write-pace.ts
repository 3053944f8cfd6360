/**
 * Limits how fast the controllers of a process write, whatever number a user has set.
 *
 *   - a bounded number of writes is in flight at once; the keys that have some waiting take turns
 *   - a write that waits long for something else than the API server, as for a webhook, keeps others no longer
 *   - sets that want many objects share an allowance: a burst, then a few at a time at a steady rate. A set
 *     with two thousand million replicas takes its time instead of the memory.
 *   - sets that want only a few objects neither wait for it nor reduce it
 *   - pods that replace failed ones are created at the pace of upstream's controllers: a node that rejects
 *     every pod does not fill the store with failed ones
 */

import type { Clock } from '#base/clock.ts';
import { TokenBucket } from './token-bucket.ts';
import { WriteSeats } from './write-seats.ts';

const createdBurst = 10_000;
const createdPerSecond = 100;
/**
 * Up to this many wanted objects are not counted, and this many at a time are allowed when the burst is used
 * up.
 */
const fewMax = 20;
/**
 * Upstream limits each controller to 20 requests a second and bursts of 30; a replacement takes two, pod and
 * status.
 */
const replacedPerSecond = 10;
const replacedBurst = 30;
/** Delay before the next request after an allowance of zero. */
export const nothingAgainMs = 1_000;
/** Also upstream's largest burst of one ReplicaSet, Job or StatefulSet. */
export const planChangesMax = 500;

/** How many of the wanted objects may be created now; the rest waits for later plans. */
export interface Allowance {
  readonly count: number;
  /** Tokens of the shared allowance that each of them takes; 0 if only few are wanted. */
  readonly weight: number;
}

export interface AllowanceOptions {
  /** Number of objects that come with each, including itself. Default 1. */
  readonly weight?: number;
  /** How many of the wanted objects replace failed pods. Default 0. */
  readonly replacing?: number;
}

export type AskAllowance = (wanted: number, options?: AllowanceOptions) => Allowance;

export class WritePace {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #seats: WriteSeats;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, createdPerSecond, createdBurst);
    this.#seats = new WriteSeats(clock);
  }

  /** For one controller: replacements are counted for each controller, everything else together. */
  allowances(): AskAllowance {
    const replacements = new TokenBucket(this.#clock, replacedPerSecond, replacedBurst);
    return (wanted, { weight = 1, replacing = 0 } = {}) => {
      const replaced = Math.min(replacing, replacements.available);
      const allowed = this.#allow(wanted - replacing + replaced, weight);
      // A rejected replacement is a request too: it is not given back.
      replacements.take(Math.max(0, allowed.count - (wanted - replacing)));
      return allowed;
    };
  }

  #allow(wanted: number, weight: number): Allowance {
    if (wanted <= fewMax) return { count: wanted, weight: 0 };
    const atHand = Math.floor(this.#bucket.available / weight);
    const count = Math.min(wanted, atHand > planChangesMax ? planChangesMax : Math.min(atHand, fewMax));
    this.#bucket.take(count * weight);
    return { count, weight };
  }

  /**
   * Returns the allowance of objects that were not created: a set whose creations are rejected must not
   * reduce that of others.
   */
  giveBack({ weight }: Allowance, notCreated: number): void {
    this.#bucket.take(-notCreated * weight);
  }

  /** `key`: of the decision that the write is part of. */
  async write<T>(key: string, write: () => Promise<T>): Promise<T> {
    const seat = this.#seats.tryTake() ?? (await this.#seats.take(key));
    try {
      return await write();
    } finally {
      this.#seats.leave(seat);
    }
  }
}
