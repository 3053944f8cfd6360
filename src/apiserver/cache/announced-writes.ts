/**
 * What can be selected of objects whose write is under way, by key, so that the cache need not parse the
 * events that will follow.
 */

import { asBuffer } from '#base/text/as-buffer.ts';
import type { Selectable } from './entry.ts';

interface Announced {
  readonly bytes: Uint8Array;
  readonly selectable: Selectable;
}

export class AnnouncedWrites {
  readonly #byKey = new Map<string, Announced[]>();

  /** Returns how to take it back. */
  add(key: string, bytes: Uint8Array, selectable: Selectable): () => void {
    const announced = { bytes, selectable };
    const known = this.#byKey.get(key);
    if (known) known.push(announced);
    else this.#byKey.set(key, [announced]);
    return () => this.#forget(key, announced);
  }

  /** What was announced of these bytes, if anything; it is given once. */
  take(key: string, bytes: Uint8Array): Selectable | undefined {
    const found = this.#byKey
      .get(key)
      ?.find((write) => write.bytes === bytes || asBuffer(write.bytes).equals(bytes));
    if (!found) return undefined;
    this.#forget(key, found);
    return found.selectable;
  }

  clear(): void {
    this.#byKey.clear();
  }

  #forget(key: string, announced: Announced): void {
    const left = this.#byKey.get(key)?.filter((write) => write !== announced);
    if (left && left.length > 0) this.#byKey.set(key, left);
    else this.#byKey.delete(key);
  }
}
