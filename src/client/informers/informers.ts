/** The informers of one identity: one cache for each resource and selection, shared by all users. */

import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { Env } from '#base/env.ts';
import type { ReadClient } from '../client.ts';
import type { Informer, Informers, Selection } from './informer.ts';
import { runReflector } from './reflector.ts';
import { SharedInformer } from './shared-informer.ts';

export function createInformers(client: ReadClient, env: Env): Informers {
  const known = new Map<string, Informer<KubeObject>>();
  const stop = new AbortController();

  function informerFor<T extends KubeObject>(type: ResourceType<T>, selection: Selection = {}): Informer<T> {
    const id = selectionId(type, selection);
    const existing = known.get(id);
    if (existing) return existing as unknown as Informer<T>;
    const informer = new SharedInformer<T>(env);
    known.set(id, informer as unknown as Informer<KubeObject>);
    // After the current turn, so that the caller's indexes and handlers are added before the first object.
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

export function selectionId(type: ResourceType, selection: Selection): string {
  const { namespace = '', labelSelector = '', fieldSelector = '' } = selection;
  return [apiVersionOf(type), type.resource, namespace, labelSelector, fieldSelector].join('|');
}
