/**
 * An object of a type before any field is set: the structs that Go holds by value, and the zero values of fields
 * that Go always writes. The creator of an object does not own these.
 */

import type { FieldDef, Schema } from '../schema/schema.ts';
import { zeroOfField } from '../schema/zero-value.ts';

export type EmptyObject = Readonly<Record<string, unknown>>;

export function emptyObject(schema: Schema, typeName: string): EmptyObject {
  const fields = [...schema.type(typeName).fields.values()].map((field) => [
    field.name,
    emptyValue(schema, field),
  ]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function emptyValue(schema: Schema, field: FieldDef): unknown {
  if (field.nullsZero) return null;
  if (field.type.kind === 'object') {
    return field.byValue ? emptyObject(schema, field.type.name) : undefined;
  }
  return field.writesZero ? zeroOfField(field.type) : undefined;
}
