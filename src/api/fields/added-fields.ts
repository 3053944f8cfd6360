/** The fields that a manager owns after adding a value: its leaves, and the lists, maps and structs around them. */

import { LimitExceeded, tooManyContainers } from '#wire/json/values-limit.ts';
import { type FieldSchema, type ListSchema, type MapSchema, untypedDeduced } from './field-schema.ts';
import { builtInOrder, type FieldSet, leaf, openSet } from './field-set.ts';
import { listElement } from './list-element.ts';
import { fieldElement, keyEntries, sortedByElement } from './path-element.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A field that the type does not declare gets a deduced schema: unknown fields were dropped or refused before. */
export function childSchema(map: MapSchema, key: string): FieldSchema {
  return map.field(key) ?? map.element ?? untypedDeduced;
}

/** How many more fields may be added: each is stored as an object, and a stored object has a limit of those. */
export interface FieldRoom {
  left: number;
}

/** `leaf` for a scalar and for an atomic list or map. Throws `UnnamedItem`, and `LimitExceeded` without room. */
export function addedFields({ list, map }: FieldSchema, value: unknown, room?: FieldRoom): FieldSet {
  if (room && --room.left < 0) throw new LimitExceeded(tooManyContainers);
  if (typeof value !== 'object' || value === null) return leaf;
  if (Array.isArray(value)) return list && !list.isAtomic ? wholeList(list, value, room) : leaf;
  return map && !map.isAtomic ? wholeMap(map, value as Fields, room) : leaf;
}

function wholeMap(map: MapSchema, value: Fields, room: FieldRoom | undefined): FieldSet {
  const keys = keysOf(map, value);
  if (keys.length === 0) return leaf;
  if (keys.length > 1) keys.sort();
  const node = openSet(false);
  node['.'] = leaf;
  for (const key of keys) {
    const item = valueIn(map, value, key);
    if (item !== undefined) node[fieldElement(key)] = addedFields(childSchema(map, key), item, room);
  }
  return builtInOrder(node, keys.length);
}

function keysOf({ alwaysThere }: MapSchema, value: Fields): string[] {
  const keys = Object.keys(value);
  for (const key of alwaysThere) if (value[key] === undefined) keys.push(key);
  return keys;
}

const emptyStruct: Fields = Object.freeze({});

/** Undefined for an absent field. A struct that Go holds by value is never absent, only empty. */
export function valueIn({ alwaysThere }: MapSchema, value: Fields | null, key: string): unknown {
  const own = value !== null && Object.hasOwn(value, key) ? value[key] : undefined;
  return own === undefined && alwaysThere.includes(key) ? emptyStruct : own;
}

type Given = readonly [element: string, node: FieldSet, item: unknown];

function wholeList(list: ListSchema, items: readonly unknown[], room: FieldRoom | undefined): FieldSet {
  if (items.length === 0) return leaf;
  const given = items.map(
    (item): Given => [listElement(list, item), addedFields(list.element, item, room), item],
  );
  const { sortedKeys } = list;
  // Elements of one text are compared as they are.
  const keys =
    sortedKeys.length > 1 ? ([, , item]: Given) => keyEntries(sortedKeys, item as Fields) : undefined;
  const nodes = given.length > 1 ? sortedByElement(given, ([element]) => element, keys) : given;
  const out = openSet(true);
  out['.'] = leaf;
  // Of items with equal keys only the item is owned and nothing below it, as upstream.
  for (const [element, node] of nodes) out[element] = out[element] ? leaf : node;
  return builtInOrder(out, nodes.length);
}
