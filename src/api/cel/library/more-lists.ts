/** The extended functions of lists: `slice`, `flatten`, `sort`, `sortBy`, `lists.range`, `reverse`, `distinct`. */

import type { Library } from '../declarations/environment.ts';
import { a, declare, declareGeneric, method, overload } from '../declarations/function.ts';
import { sortByKeys, sortByMacro } from '../syntax/sort-macro.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  formatType,
  intType,
  listType,
  stringType,
  timestampType,
  uintType,
} from '../types/type.ts';
import { compareValues, isComparable } from '../values/compare.ts';
import { equalValues } from '../values/equal.ts';
import { ListValue, MadeList } from '../values/list.ts';
import { ErrorValue, noSuchOverload, typeOfValue, type Value } from '../values/value.ts';

type Int = number | bigint;

/** Larger than any list within the cost budget; upstream would try to allocate it. */
const sizeMax = 2 ** 24;

const comparable: readonly CelType[] = [
  intType,
  uintType,
  doubleType,
  boolType,
  durationType,
  timestampType,
  stringType,
  bytesType,
];

function slice(list: ListValue, start: Int, end: Int): Value {
  const failed = (why: string) => new ErrorValue(`cannot slice(${start}, ${end}), ${why}`);
  if (start < 0 || end < 0) return failed('negative indexes not supported');
  if (start > end) return failed('start index must be less than or equal to end index');
  if (list.size < end) return failed(`list is length ${list.size}`);
  return new MadeList(list.values().slice(Number(start), Number(end)));
}

/** The first level need not be lists, as in upstream. */
function flatten(list: Value, depth: Int = 1): Value {
  if (!(list instanceof ListValue)) {
    return new ErrorValue(`no such overload: ${formatType(typeOfValue(list))}.flatten()`);
  }
  if (depth < 0) return new ErrorValue('level must be non-negative');
  return new MadeList(flatValues(list, Number(depth)));
}

function flatValues(list: ListValue, depth: number): Value[] {
  return list.values().flatMap((value) => {
    return value instanceof ListValue && depth > 0 ? flatValues(value, depth - 1) : [value];
  });
}

function sortByAssociatedKeys(list: Value, keys: Value): Value {
  if (!(list instanceof ListValue) || !(keys instanceof ListValue)) return noSuchOverload;
  if (list.size !== keys.size) {
    return new ErrorValue(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    );
  }
  const order = keys.values();
  if (order.length === 0) return list;
  if (!isComparable(order[0]!)) return new ErrorValue('list elements must be comparable');
  const type = typeOfValue(order[0]!);
  if (order.some((key) => typeOfValue(key) !== type)) {
    return new ErrorValue('list elements must have the same type');
  }
  const indices = Array.from(order.keys()).sort((x, y) => orderOf(order[x]!, order[y]!));
  return new MadeList(indices.map((index) => list.get(index)));
}

function orderOf(first: Value, second: Value): number {
  const order = compareValues(first, second);
  return typeof order === 'number' ? order : 0;
}

function range(count: Int): Value {
  if (count > sizeMax) return new ErrorValue(`lists.range(${count}) exceeds the limit of ${sizeMax}`);
  return new MadeList(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index));
}

function distinct(list: ListValue): Value {
  const found: Value[] = [];
  for (const value of list.values()) {
    if (!found.some((other) => equalValues(value, other) === true)) found.push(value);
  }
  return new MadeList(found);
}

const listOfA = listType(a);

export const moreLists: Library = {
  functions: [
    declare('slice', method('list_slice', [listOfA, intType, intType], listOfA, slice)),
    declareGeneric(
      'flatten',
      flatten,
      method('list_flatten', [listType(listOfA)], listOfA),
      method('list_flatten_int', [listType(dynType), intType], listType(dynType)),
    ),
    declareGeneric(
      'sort',
      (list: Value) => sortByAssociatedKeys(list, list),
      ...comparable.map((type) => method(`list_${type.name}_sort`, [listType(type)], listType(type))),
    ),
    declareGeneric(
      sortByKeys,
      sortByAssociatedKeys,
      ...comparable.map((type) =>
        method(`list_${type.name}_sortByAssociatedKeys`, [listOfA, listType(type)], listOfA),
      ),
    ),
    declare('lists.range', overload('lists_range', [intType], listType(intType), range)),
    declare(
      'reverse',
      method(
        'list_reverse',
        [listOfA],
        listOfA,
        (list: ListValue) => new MadeList(list.values().toReversed()),
      ),
    ),
    declare('distinct', method('list_distinct', [listOfA], listOfA, distinct)),
  ],
  macros: [sortByMacro],
};
