/**
 * The empty lists and maps of a body. As in Go an object in memory has them: rules see them and messages show them as
 * `[]` and `{}`. What is shown to others or stored is without them. Few bodies have any: objects that do are noted.
 */

import { copyJson } from '#base/copy-json.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { FieldDef, Schema, TypeDef, TypeRef } from './schema.ts';

interface NotedType {
  readonly schema: Schema;
  readonly name: string;
}

const noted = new WeakMap<object, NotedType>();

/** To be called for an object with empty lists or maps: Go's encoder leaves most of them out, its storage makes the others null. */
export function noteEmpty(object: object, schema: Schema, type: string): void {
  noted.set(object, { schema, name: type });
}

/** `to` has the fields of `from`. */
export function noteEmptyOf(from: object, to: object): void {
  const type = noted.get(from);
  if (type) noted.set(to, type);
}

/** What Go's JSON encoder writes of the object: the object itself, or a copy without what is left out. */
export function withoutEmpty<T extends object>(object: T): T {
  return copyWithout(object, inJson);
}

/**
 * The object as its managers are compared: upstream goes through structs and maps as its JSON encoder does, but compares
 * lists in atomic values as they are in memory.
 */
export function asCompared<T extends object>(object: T): T {
  return copyWithout(object, inComparisons);
}

function copyWithout<T extends object>(object: T, manner: Manner): T {
  const type = noted.get(object);
  if (!type) return object;
  const copy = copyJson(object);
  drop(type.schema, type.schema.type(type.name), copy as JsonObject, manner);
  return copy;
}

/**
 * In place; returns whether there were any. `isStored`: an empty list that Go always writes becomes null, as in an object
 * that was stored as protobuf, which has no empty lists.
 */
export function dropEmpty(object: object, isStored: boolean): boolean {
  const type = noted.get(object);
  if (!type) return false;
  noted.delete(object);
  drop(type.schema, type.schema.type(type.name), object as JsonObject, isStored ? inStore : inJson);
  return true;
}

interface Manner {
  /** What a field that Go always writes becomes; undefined: it stays as it is. */
  readonly written: null | undefined;
  /** The lists in whose items something is dropped. */
  readonly lists: 'all' | 'granular' | 'none';
}

const inJson: Manner = { written: undefined, lists: 'all' };
const inStore: Manner = { written: null, lists: 'all' };
const inComparisons: Manner = { written: undefined, lists: 'granular' };
const inAtomic: Manner = { written: undefined, lists: 'none' };

function drop(schema: Schema, type: TypeDef, object: JsonObject, manner: Manner): void {
  for (const key in object) {
    const field = type.fields.get(key);
    const value = object[key];
    if (field === undefined || typeof value !== 'object' || value === null) continue;
    if (!isEmptyCollection(field.type, value)) dropInField(schema, field, value, manner);
    else if (!field.writesZero) delete object[key];
    else if (manner.written === null) object[key] = null;
  }
}

function dropInField(schema: Schema, field: FieldDef, value: object, manner: Manner): void {
  const { type, mapType } = field;
  const isDeep = manner.lists === 'all';
  if (type.kind === 'list' && !isDeep && (manner.lists === 'none' || !isGranular(field))) return;
  const isAtomic =
    mapType === 'atomic' || (type.kind === 'object' && schema.type(type.name).mapType === 'atomic');
  dropWithin(schema, type, value, isAtomic && !isDeep ? inAtomic : manner);
}

function isGranular({ listType, patchStrategy }: FieldDef): boolean {
  return listType === undefined ? patchStrategy?.includes('merge') === true : listType !== 'atomic';
}

function dropWithin(schema: Schema, ref: TypeRef, value: unknown, manner: Manner): void {
  if (ref.kind === 'object') {
    if (isJsonObject(value)) drop(schema, schema.type(ref.name), value, manner);
  } else if (ref.kind === 'list' || ref.kind === 'map') {
    for (const item of Object.values(value as object)) dropWithin(schema, ref.of, item, manner);
  }
}

export function isEmptyCollection(ref: TypeRef, value: unknown): boolean {
  if (ref.kind === 'list') return (value as unknown[]).length === 0;
  if (ref.kind !== 'map') return false;
  for (const _ in value as JsonObject) return false;
  return true;
}
