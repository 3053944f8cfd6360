/** Choices of one case: the same for the same seed and number, whatever ran before. */

export class Chance {
  #state: number;

  constructor(seed: number, number: number) {
    this.#state = mixed(mixed(seed) ^ Math.imul(number + 1, 0x9e37_79b1));
  }

  /** From 0 below 1. */
  float(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    return mixed(this.#state) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** True in `share` of the calls, from 0 to 1. */
  happens(share: number): boolean {
    return this.float() < share;
  }

  times<T>(countMax: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.below(countMax + 1) }, (_, index) => make(index));
  }

  weighted<T>(rows: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.float() * rows.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of rows) {
      left -= weight;
      if (left < 0) return value;
    }
    return rows.at(-1)![1];
  }
}

function mixed(state: number): number {
  let bits = state | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
