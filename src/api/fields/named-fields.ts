/**
 * A set with every declared field on the path to its members: the manager of a field of a struct then owns the
 * struct. Maps and lists on the path are not added.
 */

import type { FieldSchema } from './field-schema.ts';
import { type FieldSet, isEmpty, leaf, type OpenSet } from './field-set.ts';

export function withNamedFields(schema: FieldSchema | undefined, set: FieldSet): FieldSet {
  const out: OpenSet = {};
  for (const element in set) {
    const node = set[element]!;
    if (element === '.' || isEmpty(node)) {
      out[element] = node;
      continue;
    }
    const declared = element.startsWith('f:') ? schema?.map?.field(element.slice(2)) : undefined;
    const below = withNamedFields(declared ?? schemaBelow(schema, element), node) as OpenSet;
    out[element] = declared && below['.'] === undefined ? { '.': leaf, ...below } : below;
  }
  return out;
}

export function schemaBelow(schema: FieldSchema | undefined, element: string): FieldSchema | undefined {
  if (element.startsWith('f:')) return schema?.map?.field(element.slice(2)) ?? schema?.map?.element;
  return element.startsWith('k:') ? schema?.list?.element : undefined;
}
