/** What the server serves: each resource of the schema with its strategy, its folder in the store and its cache. */

import type { Strategy } from '#api/kinds/shared/strategy.ts';
import { strategyFor } from '#api/kinds/strategies.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { ResourceDef, Schema } from '#api/schema/schema.ts';
import type { Entry } from '../cache/entry.ts';
import type { ObjectCache } from '../cache/object-cache.ts';
import type { ResourceCache } from '../cache/resource-cache.ts';
import type { StorageHooks } from '../contract/contract.ts';
import type { Conversion } from './conversion/conversion.ts';
import { conversionFor, storageVersionOf } from './conversion/conversions.ts';
import { objectKey, resourcePrefix } from './keys.ts';

export interface ServedResource {
  readonly def: ResourceDef;
  readonly type: ResourceType;
  readonly apiVersion: string;
  readonly strategy: Strategy<AnyObject & KubeObject>;
  /** Absent for what is answered without being stored: reviews, bindings. */
  readonly storage?: StoredResource;
  /** Set when objects are stored in another version than this one. */
  readonly conversion?: Conversion;
  readonly hasGeneration: boolean;
}

export interface StoredResource {
  readonly prefix: string;
  readonly cache: ResourceCache;
  readonly hooks?: StorageHooks;
}

export interface Resources {
  readonly all: readonly ServedResource[];
  find(group: string, version: string, resource: string): ServedResource | undefined;
  /** Throws for a type that is not served: a programmer's mistake. */
  of(type: { group: string; version: string; resource: string }): ServedResource;
}

export function buildResources(
  schema: Schema,
  cache: ObjectCache,
  hooks: readonly StorageHooks[],
): Resources {
  const stored = new Map<string, StoredResource>();
  const all = schema.resources.map((def) => serve(schema, def, cache, hooks, stored));
  const byName = new Map(all.map((one) => [nameOf(one.def), one]));
  // Types are constants: asked for several times with every write, and not by a name that would have to be put together.
  const byType = new WeakMap<object, ServedResource>();
  return {
    all,
    find: (group, version, resource) => byName.get(`${group}/${version}/${resource}`),
    of(type) {
      const known = byType.get(type);
      if (known) return known;
      const found = byName.get(nameOf(type));
      if (!found) throw new Error(`not served: ${nameOf(type)}`);
      byType.set(type, found);
      return found;
    },
  };
}

export function keyOf(storage: StoredResource, namespace: string, name: string): string {
  return objectKey(storage.prefix, namespace, name);
}

/** The caller's own copy of a stored object in this version. */
export function objectOf(served: ServedResource, entry: Entry): AnyObject {
  const copy = entry.copy();
  return served.conversion ? served.conversion.fromStored(copy) : copy;
}

/** The bytes of a stored object in this version. */
export function bytesOf(served: ServedResource, entry: Entry): Uint8Array {
  if (!served.conversion) return entry.bytes();
  return Buffer.from(JSON.stringify(served.conversion.fromStored(entry.copy())));
}

function serve(
  schema: Schema,
  def: ResourceDef,
  cache: ObjectCache,
  hooks: readonly StorageHooks[],
  stored: Map<string, StoredResource>,
): ServedResource {
  const strategy = strategyFor(def.group, def.resource) as Strategy<AnyObject>;
  const { group, version, resource, kind, namespaced } = def;
  const served = {
    def,
    type: { group, version, resource, kind, namespaced },
    apiVersion: apiVersionOf(def),
    strategy,
    hasGeneration: strategy.hasGeneration ?? hasSpecAndStatus(schema, def),
  };
  if (!def.verbs.includes('get') || !def.verbs.includes('create')) return served;
  const conversion = conversionFor(def);
  return {
    ...served,
    storage: store(schema, def, cache, hooks, stored),
    ...(conversion ? { conversion } : {}),
  };
}

/** Versions of one resource share what is stored. */
function store(
  schema: Schema,
  def: ResourceDef,
  cache: ObjectCache,
  hooks: readonly StorageHooks[],
  stored: Map<string, StoredResource>,
): StoredResource {
  const storageDef = storageVersionOf(schema, def);
  const prefix = resourcePrefix(storageDef.group, storageDef.resource);
  const known = stored.get(prefix);
  if (known) return known;
  const fieldsOf = strategyFor(storageDef.group, storageDef.resource).selectableFields;
  const hook = hooks.find((one) => one.group === storageDef.group && one.resource === storageDef.resource);
  const made: StoredResource = {
    prefix,
    cache: cache.add(prefix, def.namespaced, (object) => fieldsOf?.(object) ?? noFields),
    ...(hook ? { hooks: hook } : {}),
  };
  stored.set(prefix, made);
  return made;
}

const noFields: Readonly<Record<string, string>> = {};

function hasSpecAndStatus(schema: Schema, def: ResourceDef): boolean {
  const { fields } = schema.type(def.type);
  return fields.has('spec') && fields.has('status');
}

function nameOf(type: { group: string; version: string; resource: string }): string {
  return `${type.group}/${type.version}/${type.resource}`;
}
