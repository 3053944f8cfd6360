/** What the rest of the API server sees of its cache: reads of stored objects, and their changes. */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';

/** Cached reads for authorizers and admission: parsed, shared, never to be changed. */
export interface ObjectReader {
  get(type: ResourceType, namespace: string, name: string): AnyObject | undefined;
  list(type: ResourceType, namespace?: string): AnyObject[];
}

/** For what is asked in every request. */
export interface CountingReader extends ObjectReader {
  /**
   * Another number after each change of one of the built-in resources: what was made of its objects holds as long as
   * this stays the same, which costs less to ask than `list`.
   */
  changes(type: ResourceType): number;
}

/** An object in the cache, parsed on first use. */
export interface CachedObject {
  readonly namespace: string;
  readonly name: string;
  /** Values of its selectable fields. */
  readonly fields: Readonly<Record<string, string>>;
  object(): AnyObject;
}

/** Called for each change of one resource. */
export interface Follower {
  /** Without `entry` the object is gone. */
  changed(namespace: string, name: string, entry: CachedObject | undefined): void;
  /** All of it was read again. */
  reloaded(): void;
}

/** The cache and its changes, for what is kept rather than looked for each time. */
export interface ObjectFeed {
  entries(type: ResourceType): readonly CachedObject[];
  /** For as long as the server runs, also where the resource is replaced, or goes and comes back. */
  follow(type: ResourceType, follower: Follower): void;
}
