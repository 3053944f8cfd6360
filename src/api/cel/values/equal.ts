/** Equality of values. Values of different types are not equal, except for numbers. */

import { deepEqual } from '../../schema/deep-equal.ts';
import { CelType } from '../types/type.ts';
import { compareNumbers, isNumeric } from './compare.ts';
import { JsonList, ListValue } from './list.ts';
import { DynMap, MapValue, TypedMap, TypedObject } from './map.ts';
import { nativeValue } from './native.ts';
import { Optional } from './optional.ts';
import { Duration, Timestamp } from './time.ts';
import { type ErrorValue, isBytes, isError, noSuchOverload, ObjectValue, type Value } from './value.ts';

/** A value of a library, with its own equality. */
export abstract class OpaqueValue extends ObjectValue {
  abstract equals(other: Value): boolean | ErrorValue;
  /** The value of a field, for types with fields; undefined for an absent field. */
  select?(key: Value): Value | undefined;
  /** The size for the cost of comparisons. */
  readonly costSize: number = 1;
}

export function equalValues(a: Value, b: Value): boolean | ErrorValue {
  if (a === null || b === null) return a === b;
  switch (typeof a) {
    case 'string':
    case 'boolean':
      return a === b;
    case 'number':
    case 'bigint':
      return a === b || (typeof b === 'object' && isNumeric(b) && compareNumbers(a, b) === 0);
    default:
      return equalObjects(a, b);
  }
}

function equalObjects(a: CelType | Uint8Array | ObjectValue, b: Value): boolean | ErrorValue {
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0;
  if (a instanceof ListValue) return equalLists(a, b);
  if (a instanceof MapValue) return equalMaps(a, b);
  if (a instanceof OpaqueValue) return a.equals(b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanoseconds === b.nanoseconds;
  if (a instanceof Duration) return b instanceof Duration && a.nanoseconds === b.nanoseconds;
  if (isBytes(a)) return isBytes(b) && Buffer.compare(a, b) === 0;
  if (a instanceof Optional) return equalOptionals(a, b);
  if (a instanceof CelType) return b instanceof CelType && a.name === b.name;
  return isError(a) ? a : a === b;
}

function equalOptionals(a: Optional, b: Value): boolean | ErrorValue {
  if (!(b instanceof Optional)) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equalValues(a.value, b.value);
}

function equalLists(a: ListValue, b: Value): boolean | ErrorValue {
  const isDeclared = a instanceof JsonList && a.declared !== undefined;
  if (!(b instanceof ListValue)) return isDeclared ? noSuchOverload : false;
  if (a.size !== b.size) return false;
  if (isDeclared && a.declared!.facts.listType === 'set') return equalSets(a, b);
  if (isDeclared && a.declared!.facts.listType === 'map') return equalKeyedLists(a, b);
  for (let index = 0; index < a.size; index++) {
    const isEqual = equalValues(a.get(index), b.get(index));
    if (isEqual === false || (isDeclared && isEqual !== true)) return isEqual;
  }
  return true;
}

/** Lists of the type `set`: their order does not matter. */
function equalSets(a: JsonList, b: ListValue): boolean {
  const elements = new Set(a.raw);
  return b.values().every((value) => elements.has(nativeValue(value)));
}

/** Lists of the type `map`: elements with the same key are compared. */
function equalKeyedLists(a: JsonList, b: ListValue): boolean | ErrorValue {
  const keys = a.declared!.facts.listMapKeys ?? [];
  const byKey = new Map(a.raw.map((raw) => [keyOf(raw, keys), raw]));
  for (const value of b.values()) {
    const key = keyOf(nativeValue(value), keys);
    if (!byKey.has(key)) return false;
    const isEqual = equalValues(a.view(byKey.get(key)), value);
    if (isEqual !== true) return isEqual;
  }
  return true;
}

/** The key of an element of a list of the type `map`, as a text. */
export function keyOf(raw: unknown, keys: readonly string[]): string {
  const object = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  return JSON.stringify(keys.map((key) => (Object.hasOwn(object, key) ? object[key] : null)));
}

function equalMaps(a: MapValue, b: Value): boolean | ErrorValue {
  const isDeclared = a instanceof TypedMap || a instanceof TypedObject;
  if (!(b instanceof MapValue)) return isDeclared ? noSuchOverload : false;
  if (a.size !== b.size) return false;
  if (a instanceof TypedObject && !equalUnknownFields(a, b)) return false;
  for (const key of a.keys()) {
    const value = a.find(key);
    const other = b.find(key);
    if (value === undefined && other === undefined) continue;
    if (value === undefined || other === undefined) return false;
    const isEqual = equalValues(value, other);
    if (isEqual === false || (isDeclared && isEqual !== true)) return isEqual;
  }
  return true;
}

/** Fields that the schema does not declare are compared as JSON. */
function equalUnknownFields(a: TypedObject, b: MapValue): boolean {
  if (!(b instanceof TypedObject || b instanceof TypedMap || b instanceof DynMap)) return true;
  const declared = new Set(Array.from(a.declared.fields ?? [], ([, { jsonName }]) => jsonName));
  return Object.keys(a.raw).every(
    (name) => declared.has(name) || !Object.hasOwn(b.raw, name) || deepEqual(a.raw[name], b.raw[name]),
  );
}
