/**
 * Numbers of a range that are given out once: service addresses and node ports.
 *
 * As upstream, the lower band of the range is left to explicit requests and what is chosen here comes at
 * random from the upper band, so that the two seldom meet; only when the upper band is full is the lower one
 * used.
 */

import type { Random } from '#base/random.ts';

export interface RangeBounds {
  readonly first: number;
  readonly last: number;
  /** How many numbers at the start are chosen only when nothing else is left. */
  readonly staticBand: number;
}

/** `taken` is changed by what is taken and released. */
export class NumberRange {
  readonly taken: Set<number>;
  readonly bounds: RangeBounds;
  readonly #random: Random;

  constructor(bounds: RangeBounds, taken: Set<number>, random: Random) {
    this.bounds = bounds;
    this.taken = taken;
    this.#random = random;
  }

  includes(number: number): boolean {
    return Number.isInteger(number) && number >= this.bounds.first && number <= this.bounds.last;
  }

  /** False when it is taken already. The caller knows that it lies in the range. */
  take(number: number): boolean {
    if (this.taken.has(number)) return false;
    this.taken.add(number);
    return true;
  }

  /** Undefined when the range is full. */
  takeNext(): number | undefined {
    for (const number of candidates(this.bounds, this.#random)) if (this.take(number)) return number;
    return undefined;
  }

  release(number: number): void {
    this.taken.delete(number);
  }
}

/**
 * Every number of the range, in the order in which they are tried: each band once around from a random start.
 */
export function* candidates({ first, last, staticBand }: RangeBounds, random: Random): Generator<number> {
  yield* onceAround(first + staticBand, last, random);
  yield* onceAround(first, Math.min(first + staticBand - 1, last), random);
}

function* onceAround(from: number, to: number, random: Random): Generator<number> {
  const size = to - from + 1;
  if (size <= 0) return;
  const start = Math.floor(random.float() * size);
  for (let step = 0; step < size; step++) yield from + ((start + step) % size);
}

/** Upstream's rule for the size of the lower band. */
export function staticBandSize(size: number, divisor: number, min: number, max: number): number {
  if (size <= min) return 0;
  return Math.min(Math.max(Math.floor(size / divisor), min), max);
}
