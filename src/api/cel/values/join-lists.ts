/** `list + list`: a union for lists of type set, a merge by keys for lists of type map. */

import { keyOf } from './equal.ts';
import { JoinedList, JsonList, type ListValue } from './list.ts';
import { nativeValue } from './native.ts';

export function addLists(first: ListValue, second: ListValue): ListValue {
  if (first instanceof JsonList && first.declared?.facts.listType === 'set') return union(first, second);
  if (first instanceof JsonList && first.declared?.facts.listType === 'map') return merge(first, second);
  if (first.size === 0 && !(first instanceof JsonList)) return second;
  return second.size === 0 ? first : new JoinedList(first, second);
}

function union(first: JsonList, second: ListValue): ListValue {
  const elements = new Set(first.raw);
  for (const value of second.values()) elements.add(nativeValue(value));
  return new JsonList([...elements], first.view, first.declared);
}

/** Elements of the second list replace elements with the same key in the first. */
function merge(first: JsonList, second: ListValue): ListValue {
  const keys = first.declared?.facts.listMapKeys ?? [];
  const byKey = new Map(first.raw.map((raw) => [keyOf(raw, keys), raw]));
  for (const value of second.values()) {
    const raw = nativeValue(value);
    byKey.set(keyOf(raw, keys), raw);
  }
  return new JsonList([...byKey.values()], first.view, first.declared);
}
