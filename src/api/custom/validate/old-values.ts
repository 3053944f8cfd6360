/** Finds the old value of a part of a new one: by the name of a field, by the keys of an item. */

import { isJsonObject } from '#wire/json/value.ts';
import type { JSONSchemaProps } from '../../generated/types.gen.ts';

export interface Old {
  readonly value: unknown;
}

export function fieldOf({ value }: Old, name: string): Old | undefined {
  if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
  return { value: value[name] };
}

/** The old items of a list's items: only items of a list of type map have one. */
export function correlatedItems(
  schema: JSONSchemaProps,
  list: readonly unknown[],
  old: Old,
): ((i: number) => Old | undefined) | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old.value)) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const byKey = new Map<string, unknown>();
  for (const item of old.value) byKey.set(keyOf(item, keys), item);
  return (i) => {
    const key = keyOf(list[i], keys);
    return byKey.has(key) ? { value: byKey.get(key) } : undefined;
  };
}

export function keyOf(item: unknown, keys: readonly string[]): string {
  if (!isJsonObject(item)) return JSON.stringify(item);
  return JSON.stringify(keys.map((key) => (Object.hasOwn(item, key) ? [item[key]] : [])));
}
