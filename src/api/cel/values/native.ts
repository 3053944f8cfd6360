/** Converts values to plain JSON. */

import { intOf } from './int.ts';
import { JsonList, ListValue } from './list.ts';
import { DynMap, MapValue, TypedMap, TypedObject } from './map.ts';
import { Optional } from './optional.ts';
import { Duration, Timestamp } from './time.ts';
import { Double, isBytes, Uint, type Value } from './value.ts';

/** Integers beyond 2⁵³ are `bigint`; values without a JSON form become strings. */
export function nativeValue(value: Value): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Double) return value.value;
  if (value instanceof Uint) return intOf(value.value);
  if (value instanceof JsonList || value instanceof DynMap) return value.raw;
  if (value instanceof TypedMap || value instanceof TypedObject) return value.raw;
  if (value instanceof ListValue) return value.values().map(nativeValue);
  if (value instanceof MapValue) return nativeMap(value);
  if (value instanceof Optional) return value.value === undefined ? undefined : nativeValue(value.value);
  if (value instanceof Timestamp || value instanceof Duration) return value.toString();
  if (isBytes(value)) return Buffer.from(value).toString('base64');
  return String(value);
}

function nativeMap(map: MapValue): Record<string, unknown> {
  return Object.fromEntries(map.keys().map((key) => [String(key), nativeValue(map.find(key) ?? null)]));
}
