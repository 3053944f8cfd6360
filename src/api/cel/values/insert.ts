/** Adds entries to maps; a key may be added only once. */

import { MadeMap, type MapValue } from './map.ts';
import { shownValue } from './shown.ts';
import { ErrorValue, isError, type Value } from './value.ts';

export function insertOne(map: MapValue, key: Value, value: Value): MadeMap | ErrorValue {
  return insertInto(copyOf(map), key, value);
}

/** Changes `map`, which must not be shared. */
export function insertInto(map: MadeMap, key: Value, value: Value): MadeMap | ErrorValue {
  if (map.find(key) !== undefined) {
    return new ErrorValue(`insert failed: key ${shownValue(key)} already exists`);
  }
  map.set(key, value);
  return map;
}

export function insertAll(map: MapValue, entries: MapValue): MadeMap | ErrorValue {
  return insertAllInto(copyOf(map), entries);
}

/** Changes `map`, which must not be shared. */
export function insertAllInto(map: MadeMap, entries: MapValue): MadeMap | ErrorValue {
  for (const key of entries.keys()) {
    const result = insertInto(map, key, entries.find(key) ?? null);
    if (isError(result as Value)) return result;
  }
  return map;
}

export function copyOf(map: MapValue): MadeMap {
  if (map instanceof MadeMap) return map.copy();
  const copy = new MadeMap();
  for (const key of map.keys()) copy.set(key, map.find(key) ?? null);
  return copy;
}
