/** Validates lists of type set and map: no item may occur twice. */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { duplicate, type FieldError, invalidValue } from '../validation/field-error.ts';
import { isTree, type StructuralSchema } from './structural-schema.ts';

export function validateListTypes(object: JsonObject, schema: StructuralSchema): FieldError[] {
  if (!schema.below.hasUniqueLists) return [];
  const errors: FieldError[] = [];
  ofFields(object, schema, '', errors);
  return errors;
}

function ofFields(object: JsonObject, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  for (const name in object) {
    const property = schema.properties.get(name);
    if (property) ofValue(object[name], property, path === '' ? name : `${path}.${name}`, errors);
    if (isTree(schema.additional)) ofValue(object[name], schema.additional, `${path}[${name}]`, errors);
  }
}

function ofValue(value: unknown, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  if (!schema.below.hasUniqueLists) return;
  if (isJsonObject(value)) ofFields(value, schema, path, errors);
  if (!Array.isArray(value)) return;
  if (schema.listType === 'set') {
    for (const i of secondsIn(value)) errors.push(duplicate(`${path}[${i}]`, value[i]));
  } else if (schema.listType === 'map') errors.push(...ofMap(value, schema, path));
  value.forEach((item, i) => {
    if (schema.items) ofValue(item, schema.items, `${path}[${i}]`, errors);
  });
}

function ofMap(list: readonly unknown[], { listMapKeys }: StructuralSchema, path: string): FieldError[] {
  for (const [i, item] of list.entries()) {
    if (item !== null && !isJsonObject(item)) {
      return [invalidValue(`${path}[${i}]`, item, 'must be an object for an array of list-type map')];
    }
  }
  const items = list as readonly (JsonObject | null)[];
  const values = items.map((item) => identityOf(item, listMapKeys));
  return secondsIn(values).map((i) => duplicate(`${path}[${i}]`, keysOf(items[i]!, listMapKeys)));
}

function keysOf(item: JsonObject | null, names: readonly string[]): JsonObject {
  const given = names.filter((name) => item !== null && Object.hasOwn(item, name));
  return Object.fromEntries(given.map((name) => [name, item![name]]));
}

/** Equal for items with equal keys; a single text stands for itself. */
function identityOf(item: JsonObject | null, names: readonly string[]): unknown {
  const [name] = names;
  const value = names.length === 1 && item !== null && Object.hasOwn(item, name!) ? item[name!] : undefined;
  return typeof value === 'string' ? value : keysOf(item, names);
}

/** For each value that occurs more than once the index of its second occurrence. */
function secondsIn(values: readonly unknown[]): number[] {
  const timesOf = { scalars: new Map<unknown, number>(), others: new Map<unknown, number>() };
  const found: number[] = [];
  for (const [i, value] of values.entries()) {
    const isScalar = typeof value !== 'object';
    const seen = isScalar ? timesOf.scalars : timesOf.others;
    const key = isScalar ? value : textOf(value);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    if (times === 2) found.push(i);
  }
  return found;
}

/** Equal for equal values, whatever the order of their fields. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isJsonObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
