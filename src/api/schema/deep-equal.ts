/**
 * Semantic equality of two JSON values: absent, null and an empty list are equal, and so are, where the schema has
 * them, an empty map and two spellings of one amount.
 */

import { equalJson } from '#wire/json/canonical.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { parseQuantity } from '../values/quantity.ts';
import { QuantityError } from '../values/quantity-notation.ts';
import { isEmptyCollection } from './empty-collections.ts';
import { loadSchema } from './load-schema.ts';
import type { Schema, TypeRef } from './schema.ts';

/**
 * `type`: the schema's name of the type of both (or of which they are a part, with its field names). Without
 * it every text is compared literally.
 */
export function deepEqual(a: unknown, b: unknown, type?: string, schema: Schema = loadSchema()): boolean {
  return isSame(a, b, type === undefined ? undefined : { kind: 'object', name: type }, schema);
}

function isSame(a: unknown, b: unknown, ref: TypeRef | undefined, schema: Schema): boolean {
  if (a === b) return true;
  // Go has the text of such a value: all that is in it counts.
  if (ref?.kind === 'any') return equalJson(a ?? null, b ?? null);
  if (isNothing(a, ref) || isNothing(b, ref)) return isNothing(a, ref) && isNothing(b, ref);
  if (Array.isArray(a) && Array.isArray(b)) {
    const item = ref?.kind === 'list' ? ref.of : undefined;
    return a.length === b.length && a.every((element, i) => isSame(element, b[i], item, schema));
  }
  if (ref?.kind === 'quantity') return isSameAmount(a, b);
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  // An empty struct is not absent: `emptyDir: {}` has a meaning.
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    isSame(own(a, key), own(b, key), typeOf(ref, key, schema), schema),
  );
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function typeOf(ref: TypeRef | undefined, key: string, schema: Schema): TypeRef | undefined {
  if (ref?.kind === 'object') return schema.type(ref.name).fields.get(key)?.type;
  return ref?.kind === 'map' ? ref.of : undefined;
}

function isSameAmount(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  try {
    return parseQuantity(a).compare(parseQuantity(b)) === 0;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

function isNothing(value: unknown, ref: TypeRef | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : ref?.kind === 'map' && isEmptyCollection(ref, value);
}
