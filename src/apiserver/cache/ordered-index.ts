/** All entries of one resource, by namespace and name, always ready to be walked in key order. */

import { KeyIndex } from '#store/mvcc/key-index.ts';
import type { Entry } from './entry.ts';

interface Bucket {
  /** Most entries are asked for by name: a hash beats the search in what is sorted. */
  readonly byName: Map<string, Entry>;
  readonly sorted: KeyIndex<Entry>;
  /** The entries in order, until one changes. */
  list: readonly Entry[] | undefined;
}

export class OrderedIndex {
  readonly #buckets = new Map<string, Bucket>();
  /** By namespace and a slash, as the keys are: `a-b/` comes before `a/`. */
  readonly #order = new KeyIndex<Bucket>();
  #size = 0;
  #sizeBytes = 0;
  /** Of everything, until something changes. */
  #all: readonly Entry[] | undefined;

  get size(): number {
    return this.#size;
  }

  /** Of the stored values. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** How many there are in `namespace`, of everything when undefined. */
  count(namespace?: string): number {
    if (namespace === undefined) return this.#size;
    return this.#buckets.get(namespace)?.sorted.size ?? 0;
  }

  get(namespace: string, name: string): Entry | undefined {
    return this.#buckets.get(namespace)?.byName.get(name);
  }

  set(entry: Entry): void {
    const bucket = this.#bucket(entry.namespace);
    const known = bucket.byName.get(entry.name);
    if (!known) this.#size++;
    this.#sizeBytes += entry.value.length - (known?.value.length ?? 0);
    bucket.byName.set(entry.name, entry);
    bucket.sorted.set(entry.name, entry);
    bucket.list = undefined;
    this.#all = undefined;
  }

  delete(namespace: string, name: string): void {
    const bucket = this.#buckets.get(namespace);
    const known = bucket?.byName.get(name);
    if (!bucket || !known) return;
    bucket.byName.delete(name);
    this.#sizeBytes -= known.value.length;
    bucket.sorted.delete(name);
    bucket.list = undefined;
    this.#all = undefined;
    this.#size--;
    if (bucket.sorted.size > 0) return;
    this.#buckets.delete(namespace);
    this.#order.delete(`${namespace}/`);
  }

  /**
   * The entries of `namespace` (all when undefined) in key order. Later changes do not show in what was
   * given.
   */
  list(namespace?: string): readonly Entry[] {
    if (namespace === undefined) {
      this.#all ??= this.#order.values().flatMap((bucket) => bucket.sorted.values());
      return this.#all;
    }
    const bucket = this.#buckets.get(namespace);
    if (!bucket) return [];
    bucket.list ??= bucket.sorted.values();
    return bucket.list;
  }

  #bucket(namespace: string): Bucket {
    const known = this.#buckets.get(namespace);
    if (known) return known;
    const bucket: Bucket = { byName: new Map(), sorted: new KeyIndex<Entry>(), list: undefined };
    this.#buckets.set(namespace, bucket);
    this.#order.set(`${namespace}/`, bucket);
    return bucket;
  }
}
