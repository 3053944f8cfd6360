/**
 * What an object of a type is before anything is said of it: the structs that it always has, and what is
 * written of a field that is always written. Who creates an object does not own these.
 */

import type { FieldDef, Schema, TypeDef } from '../schema/schema.ts';
import { zeroOf } from '../schema/zero-value.ts';

export type EmptyObject = Readonly<Record<string, unknown>>;

export function emptyObject(schema: Schema, typeName: string): EmptyObject {
  const type = schema.type(typeName);
  const fields = [...type.fields.values()].map((field) => [field.name, emptyValue(schema, type, field)]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function emptyValue(schema: Schema, owner: TypeDef, field: FieldDef): unknown {
  if (field.type.kind === 'object') {
    return field.byValue ? emptyObject(schema, field.type.name) : undefined;
  }
  if (field.nullsZero) return null;
  if (!field.writesZero || isUnwritten(owner, field)) return undefined;
  return field.type.kind === 'list' || field.type.kind === 'map' ? null : zeroOf(field.type);
}

/** Go leaves the kind and version of an object out as long as they are not known. */
function isUnwritten(owner: TypeDef, { name }: FieldDef): boolean {
  return owner.fields.has('metadata') && (name === 'kind' || name === 'apiVersion');
}
