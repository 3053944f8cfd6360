/**
 * Encoded bytes that can be made again, kept for the next who asks; above a bound those longest unused are
 * dropped.
 */

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
  keep(entry: Kept, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(entry) ?? 0);
    this.#sizes.delete(entry);
    this.#sizes.set(entry, bytes);
    for (const oldest of this.#sizes.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === entry) return;
      this.forget(oldest);
    }
  }

  forget(entry: Kept): void {
    this.#bytes -= this.#sizes.get(entry) ?? 0;
    if (this.#sizes.delete(entry)) entry.drop();
  }
}
