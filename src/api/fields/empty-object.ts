/**
 * An object of a type before any field is set: the structs that Go holds by value, and the zero values of fields
 * that Go always writes. The creator of an object does not own these.
 */

import type { FieldDef, Schema, TypeDef } from '../schema/schema.ts';
import { zeroOf } from '../schema/zero-value.ts';

export type EmptyObject = Readonly<Record<string, unknown>>;

export function emptyObject(schema: Schema, typeName: string): EmptyObject {
  const type = schema.type(typeName);
  const fields = [...type.fields.values()].map((field) => [field.name, emptyValue(schema, type, field)]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function emptyValue(schema: Schema, type: TypeDef, field: FieldDef): unknown {
  if (field.type.kind === 'object') {
    return field.byValue ? emptyObject(schema, field.type.name) : undefined;
  }
  if (field.nullsZero) return null;
  if (!field.writesZero || isUnwritten(type, field)) return undefined;
  return field.type.kind === 'list' || field.type.kind === 'map' ? null : zeroOf(field.type);
}

/** Go omits the kind and apiVersion of an object until they are set. */
function isUnwritten(type: TypeDef, { name }: FieldDef): boolean {
  return type.fields.has('metadata') && (name === 'kind' || name === 'apiVersion');
}
