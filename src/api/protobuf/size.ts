/**
 * Lower bound of a message's length, computed without writing it, for objects that may be rejected for their
 * size.
 */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { Schema, TypeRef } from '../schema/schema.ts';

/** Bytes of a field's number and, except for scalars, its length. */
const frameBytes = 2;

/** For the fields of `value` that are in the type and not in `skipped`. */
export function leastMessageBytes(
  schema: Schema,
  typeName: string,
  value: JsonObject,
  skipped: ReadonlySet<string> = none,
): number {
  const { fields } = schema.type(typeName);
  let bytes = 0;
  for (const name in value) {
    const field = fields.get(name);
    if (field && !skipped.has(name)) bytes += leastBytes(schema, field.type, value[name]);
  }
  return bytes;
}

const none: ReadonlySet<string> = new Set();

function leastBytes(schema: Schema, ref: TypeRef, value: unknown): number {
  // A list or map that Go writes although it has none.
  if (value === null) return 0;
  switch (ref.kind) {
    case 'string':
      return frameBytes + (value as string).length;
    case 'quantity':
      return 2 * frameBytes + (value as string).length;
    case 'bytes':
      return frameBytes + Math.max(0, Math.floor(((value as string).length * 3) / 4) - 2);
    case 'list': {
      let bytes = 0;
      for (const item of value as unknown[]) bytes += leastBytes(schema, ref.of, item);
      return bytes;
    }
    case 'map': {
      let bytes = 0;
      for (const key in value as JsonObject) {
        bytes += 2 * frameBytes + key.length + leastBytes(schema, ref.of, (value as JsonObject)[key]);
      }
      return bytes;
    }
    case 'object':
      return frameBytes + (isJsonObject(value) ? leastMessageBytes(schema, ref.name, value) : 0);
    case 'any':
      return frameBytes + leastTextBytes(value);
    default:
      return frameBytes;
  }
}

/** Of JSON within a message, which is written as text. */
function leastTextBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  let bytes = 2;
  for (const key in value) {
    const inner = leastTextBytes((value as JsonObject)[key]);
    bytes += Array.isArray(value) ? inner : inner + key.length + 3;
  }
  return bytes;
}
