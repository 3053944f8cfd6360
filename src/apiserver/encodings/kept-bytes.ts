/** Encoded bytes that can be made again, kept for the next who asks; above a bound those longest unused are dropped. */

const keptBytesMax = 64 * 1024 * 1024;

export interface Kept {
  /** Lets go of the bytes. */
  drop(): void;
}

export class KeptBytes {
  /** The longest unused first. */
  readonly #sizes = new Map<Kept, number>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = keptBytesMax) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Anew, or used again. */
  keep(one: Kept, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(one) ?? 0);
    this.#sizes.delete(one);
    this.#sizes.set(one, bytes);
    for (const oldest of this.#sizes.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === one) return;
      this.forget(oldest);
    }
  }

  forget(one: Kept): void {
    this.#bytes -= this.#sizes.get(one) ?? 0;
    if (this.#sizes.delete(one)) one.drop();
  }
}
