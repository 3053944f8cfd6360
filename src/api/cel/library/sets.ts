/** Lists as sets: `sets.contains`, `sets.equivalent`, `sets.intersects`. */

import type { Library } from '../declarations/environment.ts';
import { a, declare, overload } from '../declarations/function.ts';
import { boolType, listType } from '../types/type.ts';
import { listContains } from '../values/contains.ts';
import type { ListValue } from '../values/list.ts';
import type { Value } from '../values/value.ts';

function contains(list: ListValue, part: ListValue): Value {
  for (const value of part.values()) {
    const isContained = listContains(list, value);
    if (isContained !== true) return isContained;
  }
  return true;
}

function equivalent(first: ListValue, second: ListValue): Value {
  const isContained = contains(first, second);
  return isContained === true ? contains(second, first) : isContained;
}

const intersects = (first: ListValue, second: ListValue): Value =>
  first.values().some((value) => listContains(second, value) === true);

const twoLists = [listType(a), listType(a)];

export const sets: Library = {
  functions: [
    declare('sets.contains', overload('list_sets_contains_list', twoLists, boolType, contains)),
    declare('sets.equivalent', overload('list_sets_equivalent_list', twoLists, boolType, equivalent)),
    declare('sets.intersects', overload('list_sets_intersects_list', twoLists, boolType, intersects)),
  ],
};
