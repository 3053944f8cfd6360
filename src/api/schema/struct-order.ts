/** A value with its keys in the order in which Go has them: fields as they come in the struct, keys of a map sorted. */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { Schema, TypeRef } from './schema.ts';

/** What a value that has no type in Go is ordered by. */
export const untyped: TypeRef = { kind: 'any' };

/** Returns a copy; fields that the type does not have come last. */
export function inGoOrder(schema: Schema, value: unknown, ref: TypeRef): unknown {
  if (Array.isArray(value)) return value.map((item) => inGoOrder(schema, item, typeWithin(schema, ref, '')));
  if (!isJsonObject(value)) return value;
  const keys = ref.kind === 'object' ? fieldOrder(schema, ref.name, value) : Object.keys(value).sort();
  return reordered(value, keys, (item, key) => inGoOrder(schema, item, typeWithin(schema, ref, key)));
}

export function reordered(
  value: JsonObject,
  keys: readonly string[],
  below: (item: unknown, key: string) => unknown,
): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, below(value[key], key)]));
}

function fieldOrder(schema: Schema, name: string, value: JsonObject): string[] {
  const { fields } = schema.type(name);
  const known = [...fields.keys()].filter((field) => Object.hasOwn(value, field));
  return [...known, ...Object.keys(value).filter((key) => !fields.has(key))];
}

/** The type of a field, or of all elements of a list or map. */
export function typeWithin(schema: Schema, ref: TypeRef, key: string): TypeRef {
  if (ref.kind === 'map' || ref.kind === 'list') return ref.of;
  return (ref.kind === 'object' && schema.type(ref.name).fields.get(key)?.type) || untyped;
}
