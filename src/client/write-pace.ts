/**
 * How fast the controllers of a process write, whatever number a user asked for.
 *
 *   - so many writes are under way at once, in the order in which they came
 *   - objects are made freely up to a burst, then at a steady pace: a set that asks for two thousand million pods takes
 *     its time instead of the memory. Upstream's controllers are held to 20 requests a second each.
 *   - one object's plan makes no more than is at hand, and goes to the end of the queue: all get their turn
 */

import { type Clock, pause } from '#base/clock.ts';
import { TokenBucket } from './token-bucket.ts';

const inFlightMax = 64;
const createdBurst = 10_000;
const createdPerSecond = 100;
const planCreationsMin = 50;
/** Also upstream's largest burst of one ReplicaSet, Job or StatefulSet. */
export const planChangesMax = 500;

export class WritePace {
  private readonly clock: Clock;
  private readonly stopped: AbortSignal;
  private readonly bucket: TokenBucket;
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;

  constructor(clock: Clock, stopped: AbortSignal) {
    this.clock = clock;
    this.stopped = stopped;
    this.bucket = new TokenBucket(clock, createdPerSecond, createdBurst);
  }

  /** How many objects one plan should make now. */
  get creationsAtOnce(): number {
    return Math.min(planChangesMax, Math.max(planCreationsMin, this.bucket.available));
  }

  async create<T>(write: () => Promise<T>): Promise<T> {
    const waitMs = this.bucket.reserveMs();
    if (waitMs > 0) await pause(this.clock, waitMs, this.stopped);
    return this.write(write);
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
