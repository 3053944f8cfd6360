/**
 * Hands out numbers of a range once: service addresses and node ports.
 *
 * As upstream, the lower band of the range is left to explicit requests and what is chosen here comes at random from
 * the upper band, so that the two seldom meet; only when the upper band is full is the lower one used.
 */

import type { Random } from '#base/random.ts';

const randomTriesMax = 16;

export interface NumberRange {
  /** False when it is taken. The caller knows that it lies in the range. */
  take(number: number): boolean;
  /** Undefined when the range is full. */
  takeNext(): number | undefined;
  release(number: number): void;
  includes(number: number): boolean;
}

export function numberRange(options: {
  readonly first: number;
  readonly last: number;
  /** So many at the start are chosen only when nothing else is left. */
  readonly staticBand: number;
  readonly random: Random;
}): NumberRange {
  const { first, last, staticBand, random } = options;
  const taken = new Set<number>();

  function pickFrom(from: number, to: number): number | undefined {
    const size = to - from + 1;
    if (size <= 0) return undefined;
    for (let attempt = 0; attempt < randomTriesMax; attempt++) {
      const candidate = from + Math.floor(random.float() * size);
      if (!taken.has(candidate)) return candidate;
    }
    // Nearly full: walk once around from a random start.
    const start = Math.floor(random.float() * size);
    for (let step = 0; step < size; step++) {
      const candidate = from + ((start + step) % size);
      if (!taken.has(candidate)) return candidate;
    }
    return undefined;
  }

  return {
    take(number) {
      if (taken.has(number)) return false;
      taken.add(number);
      return true;
    },
    takeNext() {
      const upper = first + staticBand;
      const number = pickFrom(upper, last) ?? pickFrom(first, Math.min(upper - 1, last));
      if (number !== undefined) taken.add(number);
      return number;
    },
    release(number) {
      taken.delete(number);
    },
    includes: (number) => Number.isInteger(number) && number >= first && number <= last,
  };
}

/** Upstream's rule for the size of the lower band. */
export function staticBandSize(size: number, divisor: number, min: number, max: number): number {
  if (size < min) return 0;
  return Math.min(Math.max(Math.floor(size / divisor), min), max);
}
