/** Optional values: `optional.of(x)`, `object.?field`, `list[?index]`, `orValue`. */

import type { Library } from '../declarations/environment.ts';
import { declare, method, overload } from '../declarations/function.ts';
import { operators } from '../syntax/ast.ts';
import { optionalMacros } from '../syntax/optional-macros.ts';
import {
  boolType,
  dynType,
  intType,
  listType,
  mapType,
  opaqueType,
  optionalType,
  stringType,
  typeParam,
} from '../types/type.ts';
import { ListValue, MadeList } from '../values/list.ts';
import { MapValue } from '../values/map.ts';
import { none, Optional, valueOfOptional } from '../values/optional.ts';
import { shownValue } from '../values/shown.ts';
import { Duration, Timestamp } from '../values/time.ts';
import { Double, ErrorValue, isBytes, Uint, type Value } from '../values/value.ts';

const k = typeParam('K');
const v = typeParam('V');
const optionalV = optionalType(v);
const listOfV = listType(v);
const mapOfKV = mapType(k, v);

/** Go's zero time is the first second of the year 1. */
const zeroTimeSeconds = -62_135_596_800n;

function isZero(value: Value): boolean {
  if (typeof value !== 'object') return value === 0 || value === '' || value === false;
  if (value === null) return true;
  if (value instanceof Double) return value.value === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanoseconds === 0n;
  if (value instanceof Timestamp) return value.nanoseconds === zeroTimeSeconds * 1_000_000_000n;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  return isBytes(value) && value.length === 0;
}

function unwrap(list: ListValue): Value {
  const values: Value[] = [];
  for (const value of list.values()) {
    if (!(value instanceof Optional)) return new ErrorValue(`value ${shownValue(value)} is not optional`);
    if (value.value !== undefined) values.push(value.value);
  }
  return new MadeList(values);
}

const optionalAt = (list: ListValue, index: number) =>
  list.size === 0 ? none : new Optional(list.get(index < 0 ? list.size - 1 : index));

export const optional: Library = {
  functions: [
    declare(
      'optional.of',
      overload('optional_of', [v], optionalV, (value: Value) => new Optional(value)),
    ),
    declare(
      'optional.ofNonZeroValue',
      overload('optional_ofNonZeroValue', [v], optionalV, (value: Value) =>
        isZero(value) ? none : new Optional(value),
      ),
    ),
    declare(
      'optional.none',
      overload('optional_none', [], optionalV, () => none),
    ),
    declare('value', method('optional_value', [optionalV], v, valueOfOptional)),
    declare(
      'hasValue',
      method('optional_hasValue', [optionalV], boolType, (value: Optional) => value.value !== undefined),
    ),
    // The evaluation knows these: the second operand is only evaluated where the first has no value.
    declare('or', method('optional_or_optional', [optionalV, optionalV], optionalV)),
    declare('orValue', method('optional_orValue_value', [optionalV, v], v)),
    declare(operators.optionalSelect, overload('select_optional_field', [dynType, stringType], optionalV)),
    declare(
      operators.optionalIndex,
      overload('list_optindex_optional_int', [listOfV, intType], optionalV),
      overload('optional_list_optindex_optional_int', [optionalType(listOfV), intType], optionalV),
      overload('map_optindex_optional_value', [mapOfKV, k], optionalV),
      overload('optional_map_optindex_optional_value', [optionalType(mapOfKV), k], optionalV),
    ),
    declare(
      operators.index,
      overload('optional_list_index_int', [optionalType(listOfV), intType], optionalV),
      overload('optional_map_index_value', [optionalType(mapOfKV), k], optionalV),
    ),
    declare(
      'last',
      method('list_last', [listOfV], optionalV, (list: ListValue) => optionalAt(list, -1)),
    ),
    declare(
      'first',
      method('list_first', [listOfV], optionalV, (list: ListValue) => optionalAt(list, 0)),
    ),
    declare('optional.unwrap', overload('optional_unwrap', [listType(optionalV)], listOfV, unwrap)),
    declare('unwrapOpt', method('optional_unwrapOpt', [listType(optionalV)], listOfV, unwrap)),
  ],
  macros: optionalMacros,
  types: [opaqueType('optional_type')],
};
