/**
 * One identity's view of an informer that is shared in the process. It is empty until the identity is known
 * to be authorized; it can switch to an informer of the identity's own without its handlers noticing.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Informer, InformerHandlers } from './informer.ts';
import type { SharedInformer } from './shared-informer.ts';

interface Subscription<T extends KubeObject> {
  readonly handlers: InformerHandlers<T>;
  stop: () => void;
}

export class AuthorizedInformer<T extends KubeObject> implements Informer<T> {
  #source: Informer<T> | undefined;
  #isReplaying = false;
  readonly #attached = Promise.withResolvers<Informer<T>>();
  readonly #indexes = new Map<string, (object: Stored<T>) => string[]>();
  readonly #subscriptions = new Set<Subscription<T>>();

  get hasSynced(): boolean {
    return !this.#isReplaying && this.#source?.hasSynced === true;
  }

  async synced(): Promise<void> {
    await (await this.#attached.promise).synced();
  }

  get(namespace: string | undefined, name: string): Stored<T> | undefined {
    return this.#source?.get(namespace, name);
  }

  list(namespace?: string): Stored<T>[] {
    return this.#source?.list(namespace) ?? [];
  }

  byIndex(name: string, value: string): Stored<T>[] {
    return this.#source?.byIndex(name, value) ?? [];
  }

  addIndex(name: string, keysOf: (object: Stored<T>) => string[]): void {
    this.#indexes.set(name, keysOf);
    this.#source?.addIndex(name, keysOf);
  }

  subscribe(handlers: InformerHandlers<T>): () => void {
    const subscription = { handlers, stop: this.#source?.subscribe(handlers) ?? (() => {}) };
    this.#subscriptions.add(subscription);
    return () => {
      subscription.stop();
      this.#subscriptions.delete(subscription);
    };
  }

  /** Switches to `source`, whose objects its handlers have not seen. */
  attach(source: Informer<T>): void {
    this.#source = source;
    this.#isReplaying = true;
    for (const [name, keysOf] of this.#indexes) source.addIndex(name, keysOf);
    for (const subscription of this.#subscriptions) {
      subscription.stop = source.subscribe(subscription.handlers);
    }
    this.#isReplaying = false;
    this.#attached.resolve(source);
  }

  /** Switches to `own`, which starts with the objects that the handlers have seen. */
  moveTo(own: SharedInformer<T>): void {
    own.replace(this.list());
    this.#source = own;
    for (const [name, keysOf] of this.#indexes) own.addIndex(name, keysOf);
    for (const subscription of this.#subscriptions) {
      subscription.stop();
      subscription.stop = own.follow(subscription.handlers);
    }
  }
}
