/**
 * How fast the controllers of a process write, whatever number a user asked for.
 *
 *   - a bounded number of writes is in flight at once, in the order in which they were asked for
 *   - sets that want many objects share an allowance: freely up to a burst, then a few at a time at a steady rate. A set
 *     that asks for two thousand million pods takes its time instead of the memory.
 *   - sets that want only a few objects neither wait for it nor take from it
 *   - pods that replace failed ones come at the pace of upstream's controllers: a node that refuses every pod does not
 *     fill the store with failed ones
 */

import type { Clock } from '#base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

const inFlightMax = 64;
const createdBurst = 10_000;
const createdPerSecond = 100;
/** Sets that want no more are not counted, and no more are allowed at a time when the burst is used up. */
const fewMax = 20;
/** Upstream holds each controller to 20 requests a second and bursts of 30; a replacement takes two, pod and status. */
const replacedPerSecond = 10;
const replacedBurst = 30;
/** When to ask again after an allowance of nothing. */
export const nothingAgainMs = 1_000;
/** Also upstream's largest burst of one ReplicaSet, Job or StatefulSet. */
export const planChangesMax = 500;

/** How many of the wanted objects may be created now; the rest is left to later plans. */
export interface Allowance {
  readonly count: number;
  /** What each of them takes of what all sets share; 0 where only few are wanted. */
  readonly weight: number;
}

export interface AllowanceOptions {
  /** How many objects come with each, itself included. Default 1. */
  readonly weight?: number;
  /** How many of those wanted replace pods that failed. Default 0. */
  readonly replacing?: number;
}

export type AskAllowance = (wanted: number, options?: AllowanceOptions) => Allowance;

export class WritePace {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, createdPerSecond, createdBurst);
  }

  /** For one controller: replacements are counted for each alone, all else together. */
  allowances(): AskAllowance {
    const replacements = new TokenBucket(this.#clock, replacedPerSecond, replacedBurst);
    return (wanted, { weight = 1, replacing = 0 } = {}) => {
      const replaced = Math.min(replacing, replacements.available);
      const allowed = this.#allow(wanted - replacing + replaced, weight);
      // A replacement that is refused is a request too: it is not given back.
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

  /** So many were not created: a set whose creations are refused takes nothing from others. */
  giveBack({ weight }: Allowance, notCreated: number): void {
    this.#bucket.take(-notCreated * weight);
  }

  async write<T>(write: () => Promise<T>): Promise<T> {
    if (this.#inFlight >= inFlightMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inFlight++;
    try {
      return await write();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inFlight--;
    }
  }
}
