/** Parsed objects whose write is under way, by key, so that the cache need not parse again what it is about to be told. */

import type { AnyObject } from '#api/object.ts';
import { asBuffer } from '#base/as-buffer.ts';

interface Announced {
  readonly bytes: Uint8Array;
  readonly object: AnyObject;
}

export class AnnouncedObjects {
  readonly #byKey = new Map<string, Announced[]>();

  /** Returns how to take it back. */
  add(key: string, bytes: Uint8Array, object: AnyObject): () => void {
    const announced = { bytes, object };
    const known = this.#byKey.get(key);
    if (known) known.push(announced);
    else this.#byKey.set(key, [announced]);
    return () => this.#forget(key, announced);
  }

  /** The object of these bytes, if it was announced; it is given once. */
  take(key: string, bytes: Uint8Array): AnyObject | undefined {
    const found = this.#byKey
      .get(key)
      ?.find((one) => one.bytes === bytes || asBuffer(one.bytes).equals(bytes));
    if (!found) return undefined;
    this.#forget(key, found);
    return found.object;
  }

  clear(): void {
    this.#byKey.clear();
  }

  #forget(key: string, announced: Announced): void {
    const left = this.#byKey.get(key)?.filter((one) => one !== announced);
    if (left && left.length > 0) this.#byKey.set(key, left);
    else this.#byKey.delete(key);
  }
}
