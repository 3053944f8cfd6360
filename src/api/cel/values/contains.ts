/** `value in container` */

import { equalValues } from './equal.ts';
import { JsonList, ListValue } from './list.ts';
import { MapValue } from './map.ts';
import { type ErrorValue, noSuchOverload, type Value } from './value.ts';

export function contains(value: Value, container: Value): boolean | ErrorValue {
  if (container instanceof ListValue) return listContains(container, value);
  if (!(container instanceof MapValue)) return noSuchOverload;
  return container.has(value);
}

export function listContains(list: ListValue, value: Value): boolean | ErrorValue {
  const isDeclared = list instanceof JsonList && list.declared !== undefined;
  let error: ErrorValue | undefined;
  for (let index = 0; index < list.size; index++) {
    const element = list.get(index);
    const isEqual = isDeclared ? equalValues(element, value) : equalValues(value, element);
    if (isEqual === true) return true;
    if (isDeclared && isEqual !== false) error ??= isEqual;
  }
  return error ?? false;
}
