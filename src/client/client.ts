/** A typed client over any transport. Failures reject with the server's `StatusError`. */

import type { KubeList, KubeObject, Stored, WatchEventObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { ReadBounds } from '#base/read-bounds.ts';

export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WatchOptions extends ListOptions {
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  /** Of an apply: takes fields from their managers. */
  readonly force?: boolean;
  readonly fieldManager?: string;
  readonly subresource?: string;
}

export interface PatchOptions extends WriteOptions {
  /** The answer has only the object's metadata: to parse all of a large one takes long. */
  readonly onlyMetadata?: boolean;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** What only reads: a controller decides with it. */
export interface ReadClient extends Pick<Client, 'get' | 'list' | 'watch'> {
  raw(method: 'GET', path: string, body?: undefined, bounds?: ReadBounds): Promise<unknown>;
}

export interface Client {
  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, subresource?: string): Promise<Stored<T>>;
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<KubeList<Stored<T>>>;
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** A POST to `/{name}/{subresource}`: binding, eviction, token. */
  createSubresource<R extends KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    subresource: string,
    body: KubeObject,
  ): Promise<R>;
  update<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  updateStatus<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<Stored<T>>;
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<Stored<T>>;
  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  /** Returns the continue token when `limit` left objects undeleted. */
  deleteCollection(type: ResourceType, options: ListOptions & DeleteOptions): Promise<{ continue?: string }>;
  /** Ends when the server ends it or `signal` aborts. An ERROR event is thrown as `StatusError`. */
  watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: WatchOptions,
  ): AsyncIterable<WatchEventObject<Stored<T>>>;
  /** Any other request; returns the parsed JSON response, of at most 64 MiB unless `bounds` say otherwise. */
  raw(method: string, path: string, body?: unknown, bounds?: ReadBounds): Promise<unknown>;
}
