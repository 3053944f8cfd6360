/** All entries of one resource, by namespace and name, always ready to be walked in key order. */

import type { Entry } from './entry.ts';

interface Bucket {
  /** Compared with a trailing slash, as the keys are: `a-b/` comes before `a/`. */
  readonly sortKey: string;
  readonly byName: Map<string, Entry>;
  readonly sorted: Entry[];
}

export class OrderedIndex {
  readonly #buckets = new Map<string, Bucket>();
  #order: Bucket[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(namespace: string, name: string): Entry | undefined {
    return this.#buckets.get(namespace)?.byName.get(name);
  }

  set(entry: Entry): void {
    const bucket = this.#bucket(entry.namespace);
    const at = lowerBound(bucket.sorted, entry.name, (one) => one.name);
    if (bucket.byName.has(entry.name)) bucket.sorted[at] = entry;
    else {
      bucket.sorted.splice(at, 0, entry);
      this.#size++;
    }
    bucket.byName.set(entry.name, entry);
  }

  delete(namespace: string, name: string): void {
    const bucket = this.#buckets.get(namespace);
    if (!bucket?.byName.delete(name)) return;
    bucket.sorted.splice(
      lowerBound(bucket.sorted, name, (one) => one.name),
      1,
    );
    this.#size--;
    if (bucket.sorted.length > 0) return;
    this.#buckets.delete(namespace);
    this.#order = this.#order.filter((one) => one !== bucket);
  }

  /** The entries of `namespace` (all when undefined) in key order; a private array. */
  list(namespace?: string): Entry[] {
    if (namespace !== undefined) return this.#buckets.get(namespace)?.sorted.slice() ?? [];
    const first = this.#order[0];
    if (!first) return [];
    if (this.#order.length === 1) return first.sorted.slice();
    const all: Entry[] = [];
    for (const bucket of this.#order) for (const entry of bucket.sorted) all.push(entry);
    return all;
  }

  #bucket(namespace: string): Bucket {
    const known = this.#buckets.get(namespace);
    if (known) return known;
    const bucket: Bucket = { sortKey: `${namespace}/`, byName: new Map(), sorted: [] };
    this.#buckets.set(namespace, bucket);
    this.#order.splice(
      lowerBound(this.#order, bucket.sortKey, (one) => one.sortKey),
      0,
      bucket,
    );
    return bucket;
  }
}

function lowerBound<T>(sorted: readonly T[], key: string, keyOf: (item: T) => string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(sorted[middle]!) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
