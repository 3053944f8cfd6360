/**
 * Finds the atomic lists, maps and structs that a configuration sets: merging would replace them as a whole and
 * remove all other fields, so mutations may not set them.
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
    // Only declared fields: values of maps are not checked, as upstream.
    const field = map.field(key);
    return field ? atomicParts(field, each, `${path}.${key}`) : [];
  });
  return map.isAtomic ? [path, ...below] : below;
}
