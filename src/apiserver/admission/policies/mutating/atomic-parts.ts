/**
 * Where a configuration says something of a list, map or struct that is replaced as a whole. Who says one field of
 * it does not mean to take all others away, so mutations may not.
 */

import type { FieldSchema } from '#api/fields/field-schema.ts';

/** Paths, as upstream writes them. */
export function atomicParts({ list, map }: FieldSchema, value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    if (!list) return [];
    const below = value.flatMap((item, i) => atomicParts(list.element, item, `${path}[${i}]`));
    return list.isAtomic ? [path, ...below] : below;
  }
  if (typeof value !== 'object' || value === null || !map) return [];
  const below = Object.entries(value).flatMap(([key, each]) => {
    // Only fields that the type declares: what is below the keys of a map is not looked at.
    const field = map.field(key);
    return field ? atomicParts(field, each, `${path}.${key}`) : [];
  });
  return map.isAtomic ? [path, ...below] : below;
}
