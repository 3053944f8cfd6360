/** The fields that an applied configuration mentions: what its applier owns. */

import type { FieldSchema, ListSchema, MapSchema } from './field-schema.ts';
import { emptySet, type FieldSet, isEmpty, leaf, type OpenSet, openSet } from './field-set.ts';
import { listElement } from './list-element.ts';
import { fieldElement } from './path-element.ts';
import { childSchema } from './whole-of.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Throws `UnnamedItem`. */
export function appliedSet(schema: FieldSchema, config: unknown): FieldSet {
  return below(schema, config) ?? emptySet;
}

/** Undefined: the value has no fields, and is none itself. An empty node: it is a field itself. */
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
  for (const key in value) {
    const item = value[key];
    const node = below(childSchema(map, key), item);
    const isField = item === null || isEmptyMap(item) || map.field(key) === undefined;
    put(out, fieldElement(key), node, isField);
  }
  return isEmpty(out) ? undefined : out;
}

function belowList(list: ListSchema, items: readonly unknown[]): FieldSet | undefined {
  const out = openSet(true);
  const doubled = doubledIn(list, items);
  for (const item of items) {
    const element = listElement(list, item);
    put(out, element, doubled.has(element) ? undefined : below(list.element, item), true);
  }
  return isEmpty(out) ? undefined : out;
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

function doubledIn(list: ListSchema, items: readonly unknown[]): ReadonlySet<string> {
  const [seen, doubled] = [new Set<string>(), new Set<string>()];
  for (const item of items) {
    const element = listElement(list, item);
    if (seen.has(element)) doubled.add(element);
    seen.add(element);
  }
  return doubled;
}

function isEmptyMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === 0;
}
