/** A cached, indexed, event-driven view of one resource: what controllers look at instead of asking the server. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';

export interface InformerHandlers<T extends KubeObject> {
  onAdd?(object: Stored<T>): void;
  /** Also after a relist found another version. */
  onUpdate?(old: Stored<T>, object: Stored<T>): void;
  /** `object` is the last state known. */
  onDelete?(object: Stored<T>): void;
}

/** Objects are shared by everyone in the process: never change one, copy it first. */
export interface Lister<T extends KubeObject> {
  get(namespace: string | undefined, name: string): Stored<T> | undefined;
  list(namespace?: string): Stored<T>[];
  /** The objects that index `name` files under `value`. */
  byIndex(name: string, value: string): Stored<T>[];
}

export interface Informer<T extends KubeObject> extends Lister<T> {
  /** Calls `onAdd` for what is known already, then for every change. Returns how to stop. */
  subscribe(handlers: InformerHandlers<T>): () => void;
  /** Files every object under the values `keysOf` returns. Adding the same name twice is harmless. */
  addIndex(name: string, keysOf: (object: Stored<T>) => string[]): void;
  /** The first list has been delivered to every handler. */
  synced(): Promise<void>;
  readonly hasSynced: boolean;
}

/** Which objects of a resource an informer holds. Default all. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** One informer per resource and selection, started on first use. */
export interface Informers {
  for<T extends KubeObject>(type: ResourceType<T>, selection?: Selection): Informer<T>;
  /** All informers asked for so far have synced. */
  synced(): Promise<void>;
  stop(): void;
}
