/** The fields that an applied configuration mentions: its manager owns them. */

import { childSchema } from './added-fields.ts';
import type { FieldSchema, ListSchema, MapSchema } from './field-schema.ts';
import { emptySet, type FieldSet, isEmpty, leaf, type OpenSet, openSet } from './field-set.ts';
import { listElement } from './list-element.ts';
import { compareElements, fieldElement } from './path-element.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Throws `UnnamedItem`. */
export function appliedSet(schema: FieldSchema, config: unknown): FieldSet {
  return below(schema, config) ?? emptySet;
}

/** `leaf`: the value itself is the field. Undefined: an empty list or map; the parent decides whether it is a member. */
function below(schema: FieldSchema, value: unknown): FieldSet | undefined {
  const { scalar, list, map } = schema;
  if (map && (value === null || (typeof value === 'object' && !Array.isArray(value)))) {
    return map.isAtomic ? leaf : belowMap(map, (value ?? {}) as Fields);
  }
  if (list && (Array.isArray(value) || (value === null && scalar === undefined))) {
    return list.isAtomic ? leaf : belowList(list, (value ?? []) as unknown[]);
  }
  return leaf;
}

function belowMap(map: MapSchema, value: Fields): FieldSet | undefined {
  const out = openSet(false);
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    const node = below(childSchema(map, key), item);
    const isField = item === null || isEmptyMap(item) || map.field(key) === undefined;
    put(out, fieldElement(key), node, isField);
  }
  return isEmpty(out) ? undefined : out;
}

function belowList(list: ListSchema, items: readonly unknown[]): FieldSet | undefined {
  if (items.length === 0) return undefined;
  const named = items.map((item) => ({ element: listElement(list, item), item }));
  if (named.length > 1) named.sort((a, b) => compareElements(a.element, b.element));
  const out = openSet(true);
  for (const { element, item } of named) {
    // Of items with equal keys only the item is owned and nothing below it, as upstream.
    put(out, element, out[element] ? undefined : below(list.element, item), true);
  }
  return out;
}

function put(out: OpenSet, element: string, node: FieldSet | undefined, isField: boolean): void {
  if (node === undefined) {
    if (isField) out[element] = leaf;
  } else if (isField && !isEmpty(node) && node['.'] === undefined) {
    out[element] = { '.': leaf, ...node };
  } else {
    out[element] = node;
  }
}

function isEmptyMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === 0;
}
