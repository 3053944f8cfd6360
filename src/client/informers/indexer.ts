/** Objects by namespace and name, with any number of indexes: the storage of an informer. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Lister } from './informer.ts';

type Bucket<T extends KubeObject> = Map<string, Stored<T>>;

interface Index<T extends KubeObject> {
  readonly keysOf: (object: Stored<T>) => string[];
  readonly buckets: Map<string, Bucket<T>>;
}

export function cacheKey<T extends KubeObject>({ metadata: { namespace, name } }: Stored<T>): string {
  return namespace ? `${namespace}/${name}` : name;
}

export class Indexer<T extends KubeObject> implements Lister<T> {
  /** By namespace, then name: a key of both for each object would be a tenth of a pod's memory here. */
  readonly #byNamespace = new Map<string, Bucket<T>>();
  readonly #indexes = new Map<string, Index<T>>();

  get(namespace: string | undefined, name: string): Stored<T> | undefined {
    return this.#byNamespace.get(namespace ?? '')?.get(name);
  }

  list(namespace?: string): Stored<T>[] {
    if (namespace) return [...(this.#byNamespace.get(namespace)?.values() ?? [])];
    const objects: Stored<T>[] = [];
    for (const bucket of this.#byNamespace.values()) {
      for (const object of bucket.values()) objects.push(object);
    }
    return objects;
  }

  byIndex(name: string, value: string): Stored<T>[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`no index named ${name}`);
    const bucket = index.buckets.get(value);
    return bucket ? [...bucket.values()] : [];
  }

  addIndex(name: string, keysOf: (object: Stored<T>) => string[]): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { keysOf, buckets: new Map() };
    this.#indexes.set(name, index);
    for (const object of this.list()) fileAll(index.buckets, keysOf(object), cacheKey(object), object);
  }

  /** Returns the previous object. */
  set(object: Stored<T>): Stored<T> | undefined {
    const { namespace = '', name } = object.metadata;
    const bucket = this.#byNamespace.get(namespace) ?? new Map<string, Stored<T>>();
    if (bucket.size === 0) this.#byNamespace.set(namespace, bucket);
    const old = bucket.get(name);
    bucket.set(name, object);
    for (const index of this.#indexes.values()) {
      const values = index.keysOf(object);
      const before = old ? index.keysOf(old) : [];
      if (before.length + values.length === 0) continue;
      const key = cacheKey(object);
      const gone = before.filter((value) => !values.includes(value));
      unfileAll(index.buckets, gone, key);
      fileAll(index.buckets, values, key, object);
    }
    return old;
  }

  /** Returns the removed object. */
  remove(namespace: string | undefined, name: string): Stored<T> | undefined {
    const bucket = this.#byNamespace.get(namespace ?? '');
    const old = bucket?.get(name);
    if (!bucket || !old) return undefined;
    bucket.delete(name);
    if (bucket.size === 0) this.#byNamespace.delete(namespace ?? '');
    for (const index of this.#indexes.values()) unfileAll(index.buckets, index.keysOf(old), cacheKey(old));
    return old;
  }
}

function fileAll<T extends KubeObject>(
  buckets: Map<string, Bucket<T>>,
  values: string[],
  key: string,
  object: Stored<T>,
): void {
  for (const value of values) {
    const bucket = buckets.get(value);
    if (bucket) bucket.set(key, object);
    else buckets.set(value, new Map([[key, object]]));
  }
}

function unfileAll<T extends KubeObject>(
  buckets: Map<string, Bucket<T>>,
  values: string[],
  key: string,
): void {
  for (const value of values) {
    const bucket = buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) buckets.delete(value);
  }
}
