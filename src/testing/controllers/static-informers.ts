/** For tests: informers with exactly these objects, changed by the test. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { Indexer } from '#client/informers/indexer.ts';
import type { Informer, InformerHandlers, Informers } from '#client/informers/informer.ts';

interface Held {
  readonly cache: Indexer<KubeObject>;
  readonly subscribers: Set<InformerHandlers<KubeObject>>;
}

export class StaticInformers implements Informers {
  readonly #byResource = new Map<string, Held>();

  /** Adds the object, or a later version of it. */
  put<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): void {
    const { cache, subscribers } = this.#held(type);
    const old = cache.set(object);
    for (const { onAdd, onUpdate } of subscribers) old ? onUpdate?.(old, object) : onAdd?.(object);
  }

  remove<T extends KubeObject>(type: ResourceType<T>, { metadata }: Stored<T>): void {
    const { cache, subscribers } = this.#held(type);
    const removed = cache.remove(metadata.namespace, metadata.name);
    if (removed) for (const { onDelete } of subscribers) onDelete?.(removed);
  }

  for<T extends KubeObject>(type: ResourceType<T>): Informer<T> {
    const { cache, subscribers } = this.#held(type);
    const informer: Informer<KubeObject> = {
      get: (namespace, name) => cache.get(namespace, name),
      list: (namespace) => cache.list(namespace),
      byIndex: (name, value) => cache.byIndex(name, value),
      addIndex: (name, keysOf) => cache.addIndex(name, keysOf),
      synced: () => Promise.resolve(),
      hasSynced: true,
      subscribe(handlers) {
        subscribers.add(handlers);
        for (const object of cache.list()) handlers.onAdd?.(object);
        return () => subscribers.delete(handlers);
      },
    };
    return informer as unknown as Informer<T>;
  }

  synced(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {}

  #held({ group, resource }: ResourceType): Held {
    const id = `${resource}.${group}`;
    const held = this.#byResource.get(id) ?? { cache: new Indexer(), subscribers: new Set() };
    this.#byResource.set(id, held);
    return held;
  }
}
