/** A cache that a reflector keeps equal to the server, shared by all subscribers. */

import type { KubeObject, Stored, WatchEventObject } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import { EqualParts } from './equal-parts.ts';
import { cacheKey, Indexer } from './indexer.ts';
import type { Informer, InformerHandlers } from './informer.ts';
import type { Receiver } from './reflector.ts';

export class SharedInformer<T extends KubeObject> implements Informer<T>, Receiver<T> {
  hasSynced = false;
  readonly #env: Env;
  readonly #cache = new Indexer<T>();
  readonly #parts = new EqualParts();
  readonly #subscribers = new Set<InformerHandlers<T>>();
  readonly #firstList = Promise.withResolvers<void>();

  constructor(env: Env) {
    this.#env = env;
  }

  get(namespace: string | undefined, name: string): Stored<T> | undefined {
    return this.#cache.get(namespace, name);
  }

  list(namespace?: string): Stored<T>[] {
    return this.#cache.list(namespace);
  }

  byIndex(name: string, value: string): Stored<T>[] {
    return this.#cache.byIndex(name, value);
  }

  addIndex(name: string, keysOf: (object: Stored<T>) => string[]): void {
    this.#cache.addIndex(name, keysOf);
  }

  synced(): Promise<void> {
    return this.#firstList.promise;
  }

  subscribe(handlers: InformerHandlers<T>): () => void {
    const own = { ...handlers };
    this.#subscribers.add(own);
    for (const object of this.#cache.list()) this.#guard(() => own.onAdd?.(object));
    return () => this.#subscribers.delete(own);
  }

  /** Calls the handlers for changes only: they already know the cached objects. */
  follow(handlers: InformerHandlers<T>): () => void {
    const own = { ...handlers };
    this.#subscribers.add(own);
    return () => this.#subscribers.delete(own);
  }

  replace(items: Stored<T>[]): void {
    const gone = new Map(this.#cache.list().map((object) => [cacheKey(object), object.metadata]));
    for (const item of items) {
      gone.delete(cacheKey(item));
      this.#put(item);
    }
    for (const { namespace, name } of gone.values()) this.#drop(namespace, name);
    this.hasSynced = true;
    this.#firstList.resolve();
  }

  change(event: WatchEventObject<Stored<T>>): void {
    const { namespace, name } = event.object.metadata;
    // The last state is the event's, which may be newer than the cached one.
    if (event.type === 'DELETED') this.#drop(namespace, name, event.object);
    else this.#put(event.object);
  }

  #put(object: Stored<T>): void {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const old = this.#cache.get(namespace, name);
    if (old?.metadata.resourceVersion === resourceVersion) return;
    forgetManagers(object);
    this.#parts.share(object);
    // Deleted and recreated while no watch was open: two objects, so two events.
    if (old && old.metadata.uid !== uid) this.#drop(namespace, name);
    const before = this.#cache.set(object);
    for (const handlers of this.#subscribers) {
      this.#guard(() => (before ? handlers.onUpdate?.(before, object) : handlers.onAdd?.(object)));
    }
  }

  #drop(namespace: string | undefined, name: string, last?: Stored<T>): void {
    const removed = this.#cache.remove(namespace, name);
    if (!removed) return;
    for (const handlers of this.#subscribers) this.#guard(() => handlers.onDelete?.(last ?? removed));
  }

  /** An error in one handler must not keep the change from the others. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#env.log.error('an informer handler threw', { error: String(error) });
    }
  }
}

/** As upstream's controller manager does: managed fields are half of a pod's memory, and no controller reads them. */
function forgetManagers({ metadata }: KubeObject): void {
  if (metadata?.managedFields) metadata.managedFields = undefined;
}
