/** The informers of a process: one cache per resource and selection, shared by everyone who asks for it. */

import type { KubeObject, Stored, WatchEventObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '../client.ts';
import type { Informer, InformerHandlers, Informers } from './informer.ts';
import { cacheKey, ObjectCache } from './object-cache.ts';
import { type Receiver, runReflector } from './reflector.ts';

interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export function createInformers(client: Client, env: Env): Informers {
  const known = new Map<string, Informer<KubeObject>>();
  const stop = new AbortController();

  function informerFor<T extends KubeObject>(type: ResourceType<T>, selection: Selection = {}): Informer<T> {
    const { namespace = '', labelSelector = '', fieldSelector = '' } = selection;
    const id = [apiVersionOf(type), type.resource, namespace, labelSelector, fieldSelector].join('|');
    const existing = known.get(id);
    if (existing) return existing as unknown as Informer<T>;
    const informer = new SharedInformer<T>(env);
    known.set(id, informer as unknown as Informer<KubeObject>);
    // After the current turn, so that indexes and handlers of the caller are there before the first object.
    queueMicrotask(() => {
      void runReflector({ client, env, type, selection, receiver: informer, signal: stop.signal });
    });
    return informer;
  }

  return {
    for: informerFor,
    async synced() {
      for (let seen = 0; seen < known.size; ) {
        const all = [...known.values()];
        seen = all.length;
        await Promise.all(all.map((informer) => informer.synced()));
      }
    },
    stop: () => stop.abort(),
  };
}

class SharedInformer<T extends KubeObject> implements Informer<T>, Receiver<T> {
  hasSynced = false;
  private readonly env: Env;
  private readonly cache = new ObjectCache<T>();
  private readonly subscribers = new Set<InformerHandlers<T>>();
  private readonly firstList = Promise.withResolvers<void>();

  constructor(env: Env) {
    this.env = env;
  }

  get(namespace: string | undefined, name: string): Stored<T> | undefined {
    return this.cache.get(namespace, name);
  }

  list(namespace?: string): Stored<T>[] {
    return this.cache.list(namespace);
  }

  byIndex(name: string, value: string): Stored<T>[] {
    return this.cache.byIndex(name, value);
  }

  addIndex(name: string, keysOf: (object: Stored<T>) => string[]): void {
    this.cache.addIndex(name, keysOf);
  }

  synced(): Promise<void> {
    return this.firstList.promise;
  }

  subscribe(handlers: InformerHandlers<T>): () => void {
    const own = { ...handlers };
    this.subscribers.add(own);
    for (const object of this.cache.list()) this.guard(() => own.onAdd?.(object));
    return () => this.subscribers.delete(own);
  }

  replace(items: Stored<T>[]): void {
    const gone = new Set(this.cache.keys());
    for (const item of items) {
      gone.delete(cacheKey(item.metadata.namespace, item.metadata.name));
      this.put(item);
    }
    for (const key of gone) this.drop(key);
    this.hasSynced = true;
    this.firstList.resolve();
  }

  change(event: WatchEventObject<Stored<T>>): void {
    const { namespace, name } = event.object.metadata;
    // The last state is the one the server sent, which may be newer than the cached one.
    if (event.type === 'DELETED') this.drop(cacheKey(namespace, name), event.object);
    else this.put(event.object);
  }

  private put(object: Stored<T>): void {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const old = this.cache.get(namespace, name);
    if (old?.metadata.resourceVersion === resourceVersion) return;
    // Deleted and created again while nobody watched: two objects, so two events.
    if (old && old.metadata.uid !== uid) this.drop(cacheKey(namespace, name));
    const before = this.cache.set(object);
    for (const handlers of this.subscribers) {
      this.guard(() => (before ? handlers.onUpdate?.(before, object) : handlers.onAdd?.(object)));
    }
  }

  private drop(key: string, last?: Stored<T>): void {
    const removed = this.cache.remove(key);
    if (!removed) return;
    for (const handlers of this.subscribers) this.guard(() => handlers.onDelete?.(last ?? removed));
  }

  /** One handler's mistake must not keep the news from the others. */
  private guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.env.log.error('an informer handler threw', { error: String(error) });
    }
  }
}
