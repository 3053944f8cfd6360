/** Fills in the defaults of a structural schema, and drops nulls where the schema has no room for them. */

import { type JsonObject, setKey } from '#wire/json/value.ts';
import { isTree, type StructuralSchema } from './structural-schema.ts';

/** Changes `value` in place. */
export function setDefaults(value: unknown, schema: StructuralSchema | undefined): void {
  if (!schema?.below.hasDefaults) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return;
    value.forEach((item, i) => {
      if (isRefusedNull(item, items)) value[i] = copyOf(items.default);
      setDefaults(value[i], items);
    });
  } else if (typeof value === 'object' && value !== null) setFieldDefaults(value as JsonObject, schema);
}

function setFieldDefaults(object: JsonObject, schema: StructuralSchema): void {
  for (const [name, property] of schema.properties) {
    if (property.default === undefined) continue;
    if (!Object.hasOwn(object, name) || isRefusedNull(object[name], property)) {
      setKey(object, name, copyOf(property.default));
    }
  }
  for (const name in object) {
    const property = schema.properties.get(name);
    if (property) setDefaults(object[name], property);
    else if (isTree(schema.additional)) {
      if (isRefusedNull(object[name], schema.additional)) object[name] = copyOf(schema.additional.default);
      setDefaults(object[name], schema.additional);
    }
  }
}

/** Nulls that the schema does not allow and no default replaces: such a field counts as absent. */
export function dropRefusedNulls(value: unknown, schema: StructuralSchema | undefined): void {
  if (!schema || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) dropRefusedNulls(item, schema.items);
    return;
  }
  const object = value as JsonObject;
  for (const name in object) {
    const additional = isTree(schema.additional) ? schema.additional : undefined;
    const property = schema.properties.get(name) ?? additional;
    if (!property) continue;
    if (isRefusedNull(object[name], property) && property.default === undefined) delete object[name];
    else dropRefusedNulls(object[name], property);
  }
}

function isRefusedNull(value: unknown, schema: StructuralSchema): boolean {
  return value === null && !schema.isNullable;
}

function copyOf(value: unknown): unknown {
  return typeof value === 'object' ? structuredClone(value) : (value ?? null);
}
