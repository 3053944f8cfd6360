/**
 * Adapts a set that was written under an older schema: a part that has become atomic is owned as a whole by each
 * manager that owned a field of it.
 */

import type { FieldSchema } from './field-schema.ts';
import { type FieldSet, isEmpty, isMember, leaf, type OpenSet } from './field-set.ts';
import { schemaBelow } from './named-fields.ts';

/** Returns `set` itself when nothing changes. */
export function reconcile(schema: FieldSchema, set: FieldSet): FieldSet {
  if (schema.map?.isOpen) return set;
  let out: OpenSet | undefined;
  for (const element in set) {
    const node = set[element]!;
    const below = schemaBelow(schema, element);
    if (element === '.' || isEmpty(node) || !below) continue;
    const now = isWhole(below) ? leaf : reconcile(below, node);
    if (now === node || (now === leaf && !hasBelow(node))) continue;
    out ??= { ...set };
    out[element] = now;
  }
  return out ?? set;
}

function isWhole({ map, list, scalar }: FieldSchema): boolean {
  if (map) return map.isAtomic && !map.isOpen;
  return scalar === undefined && list?.isAtomic === true;
}

function hasBelow(node: FieldSet): boolean {
  return !isMember(node) || Object.keys(node).length > 1;
}
