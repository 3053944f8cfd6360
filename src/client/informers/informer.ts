/** A cached, indexed, event-driven view of one resource: controllers read it instead of the server. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';

export interface InformerHandlers<T extends KubeObject> {
  onAdd?(object: Stored<T>): void;
  /** Also called when a relist found another version. */
  onUpdate?(old: Stored<T>, object: Stored<T>): void;
  /** `object` is the last known state. */
  onDelete?(object: Stored<T>): void;
}

/** Objects are shared within the process: copy an object before changing it. */
export interface Lister<T extends KubeObject> {
  get(namespace: string | undefined, name: string): Stored<T> | undefined;
  list(namespace?: string): Stored<T>[];
  /** The objects that index `name` holds under `value`. */
  byIndex(name: string, value: string): Stored<T>[];
}

export interface Informer<T extends KubeObject> extends Lister<T> {
  /**
   * Calls `onAdd` for every cached object, then handlers for every change. Returns a function that
   * unsubscribes.
   */
  subscribe(handlers: InformerHandlers<T>): () => void;
  /**
   * Indexes every object under the values that `keysOf` returns. Adding the same name twice has no effect.
   */
  addIndex(name: string, keysOf: (object: Stored<T>) => string[]): void;
  /** Resolves when the first list has been delivered to every handler. */
  synced(): Promise<void>;
  readonly hasSynced: boolean;
}

/** The objects of a resource that an informer holds. Default all. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** One informer for each resource and selection, started on first use. */
export interface Informers {
  for<T extends KubeObject>(type: ResourceType<T>, selection?: Selection): Informer<T>;
  /** Resolves when all informers requested so far have synced. */
  synced(): Promise<void>;
  stop(): void;
}
