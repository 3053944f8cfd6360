/**
 * How fast the controllers of a process write, whatever number a user asked for.
 *
 *   - so many writes are under way at once, in the order in which they came
 *   - sets that want many objects share an allowance: freely up to a burst, then a few at a time at a steady rate. One that
 *     asks for two thousand million pods takes its time instead of the memory. Upstream's controllers are held to 20
 *     requests a second each.
 *   - who wants only a few never waits for those who want many
 */

import type { Clock } from '#base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

const inFlightMax = 64;
const createdBurst = 10_000;
const createdPerSecond = 100;
/** So many are never waited for, and no more than so many are given at a time when the burst is used up. */
const fewMax = 20;
/** When to ask again after an allowance of nothing. */
export const nothingAgainMs = 1_000;
/** Also upstream's largest burst of one ReplicaSet, Job or StatefulSet. */
export const planChangesMax = 500;

export class WritePace {
  private readonly bucket: TokenBucket;
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;

  constructor(clock: Clock) {
    this.bucket = new TokenBucket(clock, createdPerSecond, createdBurst);
  }

  /** How many of the wanted objects a plan may make now; `weight`: how many objects come with each. */
  allowance(wanted: number, weight = 1): number {
    if (wanted <= fewMax) {
      this.bucket.take(wanted * weight);
      return wanted;
    }
    const atHand = Math.floor(this.bucket.available / weight);
    const count = Math.min(wanted, atHand > planChangesMax ? planChangesMax : Math.min(atHand, fewMax));
    this.bucket.take(count * weight);
    return count;
  }

  /** So many that were allowed were not made: a set that is refused everything takes nothing from others. */
  giveBack(count: number): void {
    this.bucket.take(-count);
  }

  async write<T>(write: () => Promise<T>): Promise<T> {
    if (this.inFlight >= inFlightMax) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.inFlight++;
    try {
      return await write();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.inFlight--;
    }
  }
}
