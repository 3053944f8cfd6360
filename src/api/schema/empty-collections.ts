/**
 * The empty lists and maps of a body. As in Go an object in memory has them: rules see them and messages show them as
 * `[]` and `{}`. What is shown to others or stored is without them. Few bodies have any: objects that do are noted.
 */

import { copyJson } from '#base/copy-json.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { Schema, TypeDef, TypeRef } from './schema.ts';

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
  const type = noted.get(object);
  if (!type) return object;
  const copy = copyJson(object);
  drop(type.schema, type.schema.type(type.name), copy as JsonObject, undefined);
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
  drop(type.schema, type.schema.type(type.name), object as JsonObject, isStored ? null : undefined);
  return true;
}

/** `written`: what a field that Go always writes becomes; undefined: it stays as it is. */
function drop(schema: Schema, type: TypeDef, object: JsonObject, written: null | undefined): void {
  for (const key in object) {
    const field = type.fields.get(key);
    const value = object[key];
    if (field === undefined || typeof value !== 'object' || value === null) continue;
    if (!isEmptyCollection(field.type, value)) dropWithin(schema, field.type, value, written);
    else if (!field.writesZero) delete object[key];
    else if (written === null) object[key] = null;
  }
}

function dropWithin(schema: Schema, ref: TypeRef, value: unknown, written: null | undefined): void {
  if (ref.kind === 'object') {
    if (isJsonObject(value)) drop(schema, schema.type(ref.name), value, written);
  } else if (ref.kind === 'list' || ref.kind === 'map') {
    for (const item of Object.values(value as object)) dropWithin(schema, ref.of, item, written);
  }
}

export function isEmptyCollection(ref: TypeRef, value: unknown): boolean {
  if (ref.kind === 'list') return (value as unknown[]).length === 0;
  if (ref.kind !== 'map') return false;
  for (const _ in value as JsonObject) return false;
  return true;
}
