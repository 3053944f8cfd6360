/**
 * What the server serves, and the one door through which that changes while it runs.
 *
 *   add      its objects are loaded; then it is found, discovered and described
 *   replace  from one moment on the new one answers; watches end, and their clients come back to the new one
 *   remove   it is found no longer and its watches end; what is stored of it stays
 *
 * Changes are made one after the other. Discovery, OpenAPI and metrics ask for `all` each time; code that
 * keeps something by resource listens.
 */

import type { Kind } from '#api/kind/define-kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { isSameResource, type ResourceType } from '#api/meta/resource.ts';
import type { ResourceDef } from '#api/schema/schema.ts';
import type { Clock } from '#base/clock.ts';
import type { ObjectCache } from '../cache/object-cache.ts';
import type { FieldsOf } from '../cache/resource-cache.ts';
import { prefixOf } from './keys.ts';
import { type ServableKind, type ServedResource, type StoredResource, serve } from './served-resource.ts';

/** Both where one takes the place of the other. */
export interface ResourceChange {
  readonly added?: ServedResource;
  readonly removed?: ServedResource;
}

type TypeName = Pick<ResourceType, 'group' | 'version' | 'resource'>;

const noFields: Readonly<Record<string, string>> = {};

export class Resources {
  readonly #cache: ObjectCache;
  readonly #clock: Clock;
  /** Another array after each change. */
  #all: readonly ServedResource[] = [];
  #served: readonly ServedResource[] = [];
  /** How many of the first in `#all` are built-in kinds. */
  #builtIn = 0;
  readonly #byName = new Map<string, ServedResource>();
  /**
   * Types are constants: asked for several times with every write, and not by a name that would have to be
   * put together.
   */
  #byType = new WeakMap<object, ServedResource>();
  readonly #listeners = new Set<(change: ResourceChange) => void>();
  #lastId = 0;
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(cache: ObjectCache, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  /** What is served from the start, in discovery order: before the cache starts. */
  begin(builtIn: readonly ServableKind[]): void {
    for (const servable of builtIn) {
      this.#builtIn = this.#all.length;
      this.#put({ added: this.#make(servable) });
    }
    this.#builtIn = this.#all.length;
  }

  /** What callers can use, in discovery order. */
  get all(): readonly ServedResource[] {
    return this.#served;
  }

  /** Also the resources that are switched off, which only kybern's own parts use. */
  get known(): readonly ServedResource[] {
    return this.#all;
  }

  find(group: string, version: string, resource: string): ServedResource | undefined {
    return this.#byName.get(`${group}/${version}/${resource}`);
  }

  /** Throws for a type that is not served: a programmer's mistake. */
  of(type: TypeName): ServedResource {
    const known = this.#byType.get(type);
    if (known) return known;
    const found = this.#byName.get(nameOf(type));
    if (!found) throw new Error(`not served: ${nameOf(type)}`);
    this.#byType.set(type, found);
    return found;
  }

  /** Calls back after each change. Returns how to stop that. */
  onChange(listener: (change: ResourceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(servable: ServableKind): Promise<ServedResource> {
    return this.#inTurn(async () => {
      const added = this.#make(servable);
      if (added.storage && !this.#isShared(added.storage)) await this.#load(added.storage);
      this.#put({ added });
      return added;
    });
  }

  /** Takes the place of the resource with the same name, over the same stored objects. */
  replace(servable: ServableKind): Promise<ServedResource> {
    return this.#inTurn(async () => {
      const removed = this.of(servable.kind.type);
      const added = this.#make(servable, removed);
      if (indexedOf(removed) ?? indexedOf(servable)) {
        await added.storage?.cache.reselect(fieldsOf(servable), this.#clock);
      }
      this.#put({ added, removed });
      removed.storage?.cache.watchers.restart();
      return added;
    });
  }

  remove(type: TypeName): Promise<void> {
    return this.#inTurn(async () => {
      const removed = this.of(type);
      const { storage } = removed;
      this.#put({ removed });
      if (!storage) return;
      if (this.#isShared(storage)) storage.cache.watchers.restart();
      else this.#cache.remove(storage.cache);
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change);
    this.#lastChange = done.catch(() => {});
    return done;
  }

  async #load({ cache }: StoredResource): Promise<void> {
    try {
      await this.#cache.load(cache);
    } catch (error) {
      this.#cache.remove(cache);
      throw error;
    }
  }

  #put(change: ResourceChange): void {
    const { added, removed } = change;
    if (removed && added) this.#all = this.#all.map((served) => (served === removed ? added : served));
    else if (added) this.#all = this.#all.toSpliced(this.#placeOf(added), 0, added);
    else this.#all = this.#all.filter((served) => served !== removed);
    this.#served = this.#all.filter(({ isOff }) => !isOff);
    if (removed) this.#byName.delete(nameOf(removed.type));
    if (added) this.#byName.set(nameOf(added.type), added);
    this.#byType = new WeakMap();
    for (const listener of this.#listeners) listener(change);
  }

  /**
   * What is added later stands by its name: discovery and OpenAPI are the same whatever was there before, and when the
   * server is started again.
   */
  #placeOf({ type }: ServedResource): number {
    const name = nameOf(type);
    let low = this.#builtIn;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (nameOf(this.#all[middle]!.type) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #make(servable: ServableKind, replaced?: ServedResource): ServedResource {
    const { def, kind } = servable;
    if (nameOf(kind.type) !== nameOf(def)) throw new Error(`${nameOf(def)} is not ${nameOf(kind.type)}`);
    if (!replaced && this.#byName.has(nameOf(def))) throw new Error(`served already: ${nameOf(def)}`);
    if (replaced && replaced.def.namespaced !== def.namespaced) {
      throw new Error(`its scope cannot change: ${nameOf(def)}`);
    }
    const storage = replaced ? replaced.storage : isStored(def) ? this.#store(servable) : undefined;
    return serve(++this.#lastId, servable, storage);
  }

  /** Versions of one resource share what is stored, whichever of them it is stored in. */
  #store(servable: ServableKind): StoredResource {
    const { kind, def } = servable;
    const prefix = prefixOf(kind);
    const other = this.#all.find(({ storage }) => storage?.prefix === prefix);
    if (other?.storage && isSameResource(other.def, def)) return other.storage;
    const storedAs = kind.conversion?.storedAs;
    const shared = storedAs && !isSameResource(storedAs, def) && this.of(storedAs).storage;
    if (shared) return shared;
    if (other) throw new Error(`${nameOf(def)} would be stored where ${nameOf(other.def)} is`);
    const cache = this.#cache.add(prefix, def.namespaced, fieldsOf(servable));
    return { prefix, cache };
  }

  #isShared(storage: StoredResource): boolean {
    return this.#all.some((served) => served.storage === storage);
  }
}

function isStored({ verbs }: ResourceDef): boolean {
  return verbs.includes('get') && verbs.includes('create');
}

function fieldsOf(servable: OfKind): FieldsOf {
  const indexed = indexedOf(servable);
  return (object) => indexed?.(object as KubeObject) ?? noFields;
}

type OfKind = Pick<ServableKind, 'kind'>;

/** Objects that are stored as those of another kind are indexed by its fields. */
function indexedOf({ kind }: OfKind): Kind['selectableFields'] {
  return kind.indexedFields ?? (kind.conversion ? undefined : kind.selectableFields);
}

function nameOf({ group, version, resource }: TypeName): string {
  return `${group}/${version}/${resource}`;
}
