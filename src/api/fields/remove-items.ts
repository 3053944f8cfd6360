/** A value without the fields and items of a set. A map or list that loses all of them becomes null. */

import { isJsonObject } from '#wire/json/value.ts';
import { childSchema } from './added-fields.ts';
import type { FieldSchema, ListSchema, MapSchema } from './field-schema.ts';
import { type FieldSet, isEmpty, isMember } from './field-set.ts';
import { listElement } from './list-element.ts';
import { fieldElement } from './path-element.ts';

export function removeItems({ list, map, scalar }: FieldSchema, value: unknown, items: FieldSet): unknown {
  if (map && isJsonObject(value)) return map.isAtomic ? null : removeFromMap(map, value, items);
  if (list && Array.isArray(value)) return list.isAtomic ? null : removeFromList(list, value, items);
  return scalar ? value : null;
}

function removeFromMap(map: MapSchema, value: Readonly<Record<string, unknown>>, items: FieldSet): unknown {
  const kept = Object.entries(value).flatMap(([key, item]) => {
    const left = remaining(childSchema(map, key), item, items[fieldElement(key)]);
    return left === removed ? [] : [[key, left]];
  });
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

function removeFromList(list: ListSchema, value: readonly unknown[], items: FieldSet): unknown {
  const kept = value
    .map((item) => remaining(list.element, item, items[listElement(list, item)]))
    .filter((item) => item !== removed);
  return kept.length === 0 ? null : kept;
}

const removed = Symbol('removed');

function remaining(schema: FieldSchema, value: unknown, node: FieldSet | undefined): unknown {
  if (node === undefined) return value;
  if (isMember(node)) return removed;
  return isEmpty(node) ? value : removeItems(schema, value, node);
}
