/** Lists and maps that a loop accumulates: only the loop sees them, so each step appends instead of copying. */

import { operators } from '../syntax/ast.ts';
import { mapInsert } from '../syntax/two-variable-macros.ts';
import { insertAllInto, insertInto } from '../values/insert.ts';
import { ListValue, MadeList } from '../values/list.ts';
import { MadeMap, MapValue } from '../values/map.ts';
import type { Value } from '../values/value.ts';

class GrowingList extends MadeList {}
class GrowingMap extends MadeMap {}

/** The first value of an accumulator. */
export function growing(value: Value): Value {
  if (value instanceof MadeList && value.size === 0) return new GrowingList([]);
  return value instanceof MadeMap && value.size === 0 ? new GrowingMap() : value;
}

/** The result of a loop, which is not appended to any more. */
export function settled(value: Value): Value {
  if (value instanceof GrowingList) return new MadeList(value.elements);
  return value instanceof GrowingMap ? value.copy() : value;
}

/** Appends to the accumulator of a loop; undefined if the target is no accumulator. */
export function growIfOwn(name: string, args: readonly Value[]): Value | undefined {
  const [target, key, value] = args;
  if (name === operators.add && target instanceof GrowingList && key instanceof ListValue) {
    for (const element of key.values()) target.elements.push(element);
    return target;
  }
  if (name !== mapInsert || !(target instanceof GrowingMap)) return undefined;
  if (value === undefined) return key instanceof MapValue ? insertAllInto(target, key) : undefined;
  return insertInto(target, key!, value);
}
