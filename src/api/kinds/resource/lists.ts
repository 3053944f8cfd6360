/** Checks of the lists and maps of the resource group, whose sizes are bounded; what is too long is not looked at further. */

import { GoText } from '../../go/text.ts';
import { duplicate, type FieldError, tooMany } from '../../validation/field-error.ts';

export type Check<T> = (item: T, path: string) => FieldError[];

export function checkItems<T>(
  items: readonly T[] | null | undefined,
  max: number,
  check: Check<T>,
  path: string,
): FieldError[] {
  if (!items) return [];
  if (items.length > max) return [tooMany(path, items.length, max)];
  return items.flatMap((item, i) => check(item, `${path}[${i}]`));
}

/** No two items may have the same key; the message shows a repeated key. */
export function checkSet<T>(
  items: readonly T[] | null | undefined,
  max: number,
  check: Check<T>,
  keyOf: (item: T) => unknown,
  path: string,
): FieldError[] {
  if (!items || items.length > max) return checkItems(items, max, check, path);
  const seen = new Set<string>();
  const repeated = items.flatMap((item, i) => {
    const key = keyOf(item);
    const text = key instanceof GoText ? key.text : String(key);
    if (seen.has(text)) return [duplicate(`${path}[${i}]`, key)];
    seen.add(text);
    return [];
  });
  return [...checkItems(items, max, check, path), ...repeated];
}

export interface MapRules<T> {
  readonly max: number;
  /** Longer keys are cut in the middle, in paths. */
  readonly keyMaxLength: number;
  /** Problems of a key are reported at the path of the map. */
  readonly key: Check<string>;
  readonly value: Check<T>;
}

/** In the order of the keys; upstream's order is random, as that of Go's maps is. */
export function checkMap<T>(
  map: Readonly<Record<string, T>> | null | undefined,
  { max, keyMaxLength, key: checkKey, value: checkValue }: MapRules<T>,
  path: string,
): FieldError[] {
  const keys = Object.keys(map ?? {}).sort();
  if (keys.length > max) return [tooMany(path, keys.length, max)];
  return keys.flatMap((key) => [
    ...checkKey(key, path),
    ...checkValue(map![key]!, `${path}[${cutInTheMiddle(key, keyMaxLength)}]`),
  ]);
}

function cutInTheMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  const shown = max - '...'.length;
  return `${text.slice(0, Math.ceil(shown / 2))}...${text.slice(text.length - Math.floor(shown / 2))}`;
}
