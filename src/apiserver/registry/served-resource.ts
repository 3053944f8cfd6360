/**
 * One resource as the server serves it: all that is known of it, in one object. A custom resource is one like
 * any other.
 */

import type { FieldSchema } from '#api/fields/field-schema.ts';
import { completeStrategy } from '#api/kind/complete-strategy.ts';
import type { Conversion } from '#api/kind/conversion.ts';
import type { Kind } from '#api/kind/define-kind.ts';
import { type Printer, plainPrinter } from '#api/kind/printer.ts';
import type { Strategy } from '#api/kind/strategy.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { DescribedResource, ResourceDef, Schema } from '#api/schema/schema.ts';
import type { Entry } from '../cache/entry.ts';
import type { ResourceCache } from '../cache/resource-cache.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';
import type { StorageHooks } from '../contract/storage-hooks.ts';
import { objectKey } from './keys.ts';
import { type OwnedKind, ownedKindOf } from './owned-kind.ts';

export interface ServedResource extends DescribedResource {
  /** Unique: a resource that replaces this one has another id. Part of the keys of cached answers. */
  readonly id: number;
  readonly def: ResourceDef;
  /** Has the types of the resource. */
  readonly schema: Schema;
  /** What code says of it; `strategy` and `printer` are complete. */
  readonly kind: Kind;
  readonly type: ResourceType;
  readonly apiVersion: string;
  readonly strategy: Strategy<AnyObject & KubeObject>;
  readonly printer: Printer;
  /** For those who own its fields. */
  readonly owned: OwnedKind;
  /** Of what is not plain storage: of the resource itself or of its subresources. */
  readonly handlers: readonly SpecialHandler[];
  /** Absent for what is answered without being stored: reviews, bindings. */
  readonly storage?: StoredResource;
  /** Set when objects are stored in another version than this one. */
  readonly conversion?: Conversion;
  readonly hooks?: StorageHooks;
  /** Switched off by `runtimeConfig`: callers do not find it. */
  readonly isOff: boolean;
}

export interface StoredResource {
  readonly prefix: string;
  readonly cache: ResourceCache;
}

/** A kind that can be served, with all that the server cannot work out itself. */
export interface ServableKind {
  readonly kind: Kind;
  readonly def: ResourceDef;
  /** Knows the types that `def` names; it need not know the resource. */
  readonly schema: Schema;
  /** The types by which managed fields are found. Default: those of `schema`. */
  readonly fieldSchema?: FieldSchema;
  readonly handlers?: readonly SpecialHandler[];
  /** What happens around storing an object of the resource. */
  readonly hooks?: StorageHooks;
  readonly isOff?: boolean;
}

export function serve(
  id: number,
  { kind, def, schema, fieldSchema, handlers = [], hooks, isOff = false }: ServableKind,
  storage: StoredResource | undefined,
): ServedResource {
  const { group, version, resource, namespaced } = def;
  const strategy = completeStrategy(kind, { def, schema }) as Strategy<AnyObject>;
  const apiVersion = apiVersionOf(def);
  return {
    id,
    def,
    schema,
    kind,
    type: { group, version, resource, kind: def.kind, namespaced },
    apiVersion,
    strategy,
    printer: kind.printer ?? plainPrinter,
    owned: ownedKindOf({ def, schema }, apiVersion, strategy, fieldSchema),
    handlers,
    ...(storage ? { storage } : {}),
    ...(kind.conversion ? { conversion: kind.conversion } : {}),
    ...(hooks ? { hooks } : {}),
    isOff,
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
