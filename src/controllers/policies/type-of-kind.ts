/** The types of built-in kinds, as the expressions of a policy see their objects. */

import { escapeFieldName } from '#api/cel/schema/escape.ts';
import {
  boolType,
  bytesType,
  type CelField,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from '#api/cel/types/type.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { GroupVersionKind, ScalarKind, TypeRef } from '#api/schema/schema.ts';

const known = new Map<string, CelType>();

/** Undefined for kinds that are not built in. */
export function typeOfKind({ group, version, kind }: GroupVersionKind): CelType | undefined {
  const def = loadSchema().kind(group, version, kind);
  return def && structType(def.type);
}

const scalars: Readonly<Record<ScalarKind, CelType>> = {
  string: stringType,
  int32: intType,
  int64: intType,
  double: doubleType,
  boolean: boolType,
  bytes: bytesType,
  time: timestampType,
  microTime: timestampType,
  duration: durationType,
  quantity: dynType,
  intOrString: dynType.with({ isIntOrString: true }),
  any: dynType,
};

function typeOf(ref: TypeRef): CelType {
  if (ref.kind === 'object') return structType(ref.name);
  if (ref.kind === 'list') return listType(typeOf(ref.of));
  if (ref.kind === 'map') return mapType(stringType, typeOf(ref.of));
  return scalars[ref.kind];
}

/** The fields are typed when an expression first names one, as a type may contain itself. */
function structType(name: string): CelType {
  let type = known.get(name);
  if (type === undefined) {
    type = objectType(name, () => fieldsOf(name));
    known.set(name, type);
  }
  return type;
}

function fieldsOf(name: string): ReadonlyMap<string, CelField> {
  const fields = new Map<string, CelField>();
  for (const field of loadSchema().type(name).fields.values()) {
    const escaped = escapeFieldName(field.name);
    if (escaped !== undefined) fields.set(escaped, { jsonName: field.name, type: typeOf(field.type) });
  }
  return fields;
}
