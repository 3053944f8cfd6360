/**
 * The shared informers as one controller uses them: it waits only for the ones it uses, and its handlers are
 * removed when it stops.
 */

import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Informer, Informers, Selection } from './informer.ts';

export class ScopedInformers implements Informers {
  readonly #shared: Informers;
  readonly #used: { synced(): Promise<void> }[] = [];
  readonly #stops: (() => void)[] = [];

  constructor(shared: Informers) {
    this.#shared = shared;
  }

  for<T extends KubeObject>(type: ResourceType<T>, selection?: Selection): Informer<T> {
    const informer = this.#shared.for(type, selection);
    this.#used.push(informer);
    return {
      get: (namespace, name) => informer.get(namespace, name),
      list: (namespace) => informer.list(namespace),
      byIndex: (name, value) => informer.byIndex(name, value),
      addIndex: (name, keysOf) => informer.addIndex(name, keysOf),
      synced: () => informer.synced(),
      get hasSynced() {
        return informer.hasSynced;
      },
      subscribe: (handlers) => {
        const stop = informer.subscribe(handlers);
        this.#stops.push(stop);
        return stop;
      },
    };
  }

  async synced(): Promise<void> {
    await Promise.all(this.#used.map((informer) => informer.synced()));
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}
