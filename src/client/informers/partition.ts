/**
 * The objects of a shared informer that have one value of a field, as a watch with that field selector would
 * see them: thousands of nodes in one process do not each need a watch for their own pods.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Informer, InformerHandlers } from './informer.ts';

/** A field by which a resource can be selected. Once an object has a value, it does not change. */
export interface PartitionField<T extends KubeObject = KubeObject> {
  /** As in field selectors: `spec.nodeName`. */
  readonly field: string;
  valueOf(object: Stored<T>): string | undefined;
}

/** All partitions of one informer by one field; a change costs the same however many there are. */
export class Partitions<T extends KubeObject> {
  readonly whole: Informer<T>;
  readonly field: PartitionField<T>;
  readonly #subscribers = new Map<string, Set<InformerHandlers<T>>>();

  constructor(whole: Informer<T>, field: PartitionField<T>) {
    this.whole = whole;
    this.field = field;
    whole.addIndex(field.field, (object) => {
      const value = field.valueOf(object);
      return value ? [value] : [];
    });
    whole.subscribe({
      onAdd: (object) => this.#each(object, (handlers) => handlers.onAdd?.(object)),
      onUpdate: (old, object) => {
        const isNew = field.valueOf(old) !== field.valueOf(object);
        this.#each(object, (handlers) =>
          isNew ? handlers.onAdd?.(object) : handlers.onUpdate?.(old, object),
        );
      },
      onDelete: (object) => this.#each(object, (handlers) => handlers.onDelete?.(object)),
    });
  }

  of(value: string): Informer<T> {
    const { whole, field } = this;
    const isIn = (object: Stored<T>) => field.valueOf(object) === value;
    return {
      get(namespace, name) {
        const object = whole.get(namespace, name);
        return object && isIn(object) ? object : undefined;
      },
      list(namespace) {
        const objects = whole.byIndex(field.field, value);
        return namespace ? objects.filter((object) => object.metadata.namespace === namespace) : objects;
      },
      byIndex: (name, key) => whole.byIndex(name, key).filter(isIn),
      addIndex: (name, keysOf) => whole.addIndex(name, keysOf),
      synced: () => whole.synced(),
      get hasSynced() {
        return whole.hasSynced;
      },
      subscribe: (handlers) => this.#subscribe(value, handlers),
    };
  }

  #subscribe(value: string, handlers: InformerHandlers<T>): () => void {
    const own = { ...handlers };
    const subscribers = this.#subscribers.get(value) ?? new Set();
    this.#subscribers.set(value, subscribers.add(own));
    for (const object of this.whole.byIndex(this.field.field, value)) own.onAdd?.(object);
    return () => {
      subscribers.delete(own);
      if (subscribers.size === 0) this.#subscribers.delete(value);
    };
  }

  #each(object: Stored<T>, call: (handlers: InformerHandlers<T>) => void): void {
    const value = this.field.valueOf(object);
    const subscribers = value ? this.#subscribers.get(value) : undefined;
    if (subscribers) for (const handlers of [...subscribers]) call(handlers);
  }
}
