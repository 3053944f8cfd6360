/** Objects by namespace and name, with any number of indexes: the storage of an informer. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Lister } from './informer.ts';

type Bucket<T extends KubeObject> = Map<string, Stored<T>>;

interface Index<T extends KubeObject> {
  readonly keysOf: (object: Stored<T>) => string[];
  readonly buckets: Map<string, Bucket<T>>;
}

export function cacheKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

export class Indexer<T extends KubeObject> implements Lister<T> {
  readonly #byKey: Bucket<T> = new Map();
  readonly #byNamespace = new Map<string, Bucket<T>>();
  readonly #indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.#byKey.size;
  }

  get(namespace: string | undefined, name: string): Stored<T> | undefined {
    return this.#byKey.get(cacheKey(namespace, name));
  }

  list(namespace?: string): Stored<T>[] {
    const bucket = namespace ? this.#byNamespace.get(namespace) : this.#byKey;
    return bucket ? [...bucket.values()] : [];
  }

  keys(): string[] {
    return [...this.#byKey.keys()];
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
    for (const [key, object] of this.#byKey) fileAll(index.buckets, keysOf(object), key, object);
  }

  /** Returns the previous object. */
  set(object: Stored<T>): Stored<T> | undefined {
    const { namespace, name } = object.metadata;
    const key = cacheKey(namespace, name);
    const old = this.#byKey.get(key);
    this.#byKey.set(key, object);
    if (namespace) fileAll(this.#byNamespace, [namespace], key, object);
    for (const index of this.#indexes.values()) {
      const values = index.keysOf(object);
      if (old) {
        const gone = index.keysOf(old).filter((value) => !values.includes(value));
        unfileAll(index.buckets, gone, key);
      }
      fileAll(index.buckets, values, key, object);
    }
    return old;
  }

  /** Returns the removed object. */
  remove(key: string): Stored<T> | undefined {
    const old = this.#byKey.get(key);
    if (!old) return undefined;
    this.#byKey.delete(key);
    if (old.metadata.namespace) unfileAll(this.#byNamespace, [old.metadata.namespace], key);
    for (const index of this.#indexes.values()) unfileAll(index.buckets, index.keysOf(old), key);
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
