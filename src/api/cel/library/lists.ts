/** Kubernetes' functions of lists: `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf`. */

import type { Library } from '../declarations/environment.ts';
import { a, declare, type FunctionDeclaration, method, type Overload } from '../declarations/function.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  intType,
  listType,
  stringType,
  timestampType,
  uintType,
} from '../types/type.ts';
import { add } from '../values/arithmetic.ts';
import { compareValues } from '../values/compare.ts';
import { equalValues } from '../values/equal.ts';
import type { ListValue } from '../values/list.ts';
import { Duration } from '../values/time.ts';
import { Double, ErrorValue, isError, noSuchOverload, Uint, type Value } from '../values/value.ts';

/** The types that have an order, by upstream's names for them in overloads. */
const comparable: readonly (readonly [string, CelType])[] = [
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['bool', boolType],
  ['duration', durationType],
  ['timestamp', timestampType],
  ['string', stringType],
  ['bytes', bytesType],
];

const zeros: readonly (readonly [string, CelType, Value])[] = [
  ['int', intType, 0],
  ['uint', uintType, new Uint(0n)],
  ['double', doubleType, new Double(0)],
  ['duration', durationType, new Duration(0n)],
];

function isSorted(list: ListValue): Value {
  for (let index = 0; index < list.size; index++) {
    const value = list.get(index);
    if (isError(value)) return noSuchOverload;
    if (index > 0 && compareValues(list.get(index - 1), value) === 1) return false;
  }
  return true;
}

const sumFrom = (zero: Value) => (list: ListValue) => {
  let sum = zero;
  for (let index = 0; index < list.size; index++) {
    const value = list.get(index);
    if (isError(value)) return value;
    sum = add(sum, value);
    if (isError(sum)) return sum;
  }
  return sum;
};

/** The first value that no other comes before, in the order times `sign`. */
const extreme = (name: string, sign: 1 | -1) => (list: ListValue) => {
  let found: Value | undefined;
  for (let index = 0; index < list.size; index++) {
    const value = list.get(index);
    if (isError(value)) return value;
    if (found === undefined || compareValues(found, value) === sign) found = value;
  }
  return found ?? new ErrorValue(`${name} called on empty list`);
};

function indexOf(list: ListValue, value: Value): Value {
  for (let index = 0; index < list.size; index++) {
    if (equalValues(list.get(index), value) === true) return index;
  }
  return -1;
}

function lastIndexOf(list: ListValue, value: Value): Value {
  for (let index = list.size - 1; index >= 0; index--) {
    if (equalValues(list.get(index), value) === true) return index;
  }
  return -1;
}

function overComparable(name: string, make: (name: string, type: CelType) => Overload): FunctionDeclaration {
  return declare(name, ...comparable.map(([typeName, type]) => make(typeName, type)));
}

export const lists: Library = {
  functions: [
    overComparable('isSorted', (name, type) =>
      method(`list_${name}_is_sorted_bool`, [listType(type)], boolType, isSorted),
    ),
    declare(
      'sum',
      ...zeros.map(([name, type, zero]) =>
        method(`list_${name}_sum_${name}`, [listType(type)], type, sumFrom(zero)),
      ),
    ),
    overComparable('max', (name, type) =>
      method(`list_${name}_max_${name}`, [listType(type)], type, extreme('max', -1)),
    ),
    overComparable('min', (name, type) =>
      method(`list_${name}_min_${name}`, [listType(type)], type, extreme('min', 1)),
    ),
    declare('indexOf', method('list_a_index_of_int', [listType(a), a], intType, indexOf)),
    declare('lastIndexOf', method('list_a_last_index_of_int', [listType(a), a], intType, lastIndexOf)),
  ],
};
