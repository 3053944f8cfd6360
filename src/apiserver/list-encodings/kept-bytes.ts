/** Keeps encoded bytes that can be made again, up to a bound; the least recently used are dropped first. */

const keptBytesMax = 64 * 1024 * 1024;

export interface Kept {
  /** Releases the bytes. */
  drop(): void;
}

export class KeptBytes {
  /** The least recently used first. */
  readonly #sizes = new Map<Kept, number>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = keptBytesMax) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `entry` is new, or was used again: it becomes the one to be dropped last. */
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
