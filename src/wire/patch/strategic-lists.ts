/**
 * Lists in a strategic merge: of maps by their merge key, of scalars as sets. Elements are looked up, never
 * searched for.
 */

import { isJsonObject, type JsonObject } from '../json/value.ts';
import { PatchApplyError, PatchFormatError } from './json-patch.ts';
import type { MergeField } from './merge-facts.ts';
import {
  badArgument,
  badPatchType,
  mixedElements,
  noMergeKey,
  orderMismatch,
  PatchMergeError,
} from './strategic-errors.ts';
import { orderedList } from './strategic-order.ts';

type MergeMaps = (original: JsonObject, patch: JsonObject) => JsonObject;

export function mergeList(
  original: unknown[],
  patch: unknown[],
  { patchMergeKey, type }: MergeField,
  mergeMaps: MergeMaps,
): unknown[] {
  if (original.length === 0 && patch.length === 0) return original;
  if (elementType(original, patch) !== 'map') {
    return orderedList([...new Set([...original, ...patch])], patch, original, undefined);
  }
  if (patchMergeKey === undefined) {
    throw new PatchMergeError(`cannot merge lists without merge key for ${type.split('.').at(-1)}`);
  }
  const parts = withoutSpecial(original as JsonObject[], patch as JsonObject[], patchMergeKey);
  const merged = mergeByKey(parts.original, parts.patch, patchMergeKey, mergeMaps);
  return orderAs(merged, parts.patch, parts.original, patchMergeKey);
}

export function deleteFromList(list: readonly unknown[], gone: readonly unknown[]): unknown[] {
  elementType(list, gone);
  const set = new Set(gone);
  return list.filter((value) => !set.has(value));
}

/** Sorts the elements by `$setElementOrder`, if every element has the merge key. */
export function orderAs(
  merged: readonly unknown[],
  order: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  if (mergeKey !== undefined) {
    const notAMap = order.findIndex((item) => !isJsonObject(item));
    if (notAMap >= 0 && merged.length > 0) {
      throw new PatchMergeError(`value for key ${notAMap} is not a map`);
    }
    for (const item of merged) keyOf(item, mergeKey);
    for (const item of order) keyOf(item, mergeKey);
  } else if (order.some(isContainer)) {
    throw new PatchFormatError('invalid patch format of setElementOrder list');
  }
  return orderedList(merged, order, serverOrder, mergeKey);
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The patch's elements must come in the order of `$setElementOrder`. */
export function checkOrder(
  patch: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): void {
  if (patch.length === 0 || order.length === 0) return;
  const wanted = patch.filter((item) => !(isJsonObject(item) && Object.hasOwn(item, '$patch')));
  let found = 0;
  for (const item of order) {
    if (found === wanted.length) return;
    const same =
      mergeKey === undefined
        ? wanted[found] === item
        : keyOf(wanted[found], mergeKey) === keyOf(item, mergeKey);
    if (same) found++;
  }
  if (found < wanted.length) throw orderMismatch(patch, order);
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (!isJsonObject(item)) throw badArgument('map[string]interface {}', item);
  if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
  return item[mergeKey];
}

/** Type of the elements, which must all be of one type that is not a list. */
function elementType(...lists: (readonly unknown[])[]): string {
  let type: string | undefined;
  for (const list of lists) {
    for (const value of list) {
      const found = typeOf(value);
      type ??= found;
      if (type === 'list') throw new PatchApplyError('lists of lists are not supported');
      if (found !== type || found === 'null') throw mixedElements(lists);
    }
  }
  return type ?? '';
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'bigint' ? 'int64' : typeof value;
}

/** Removes the elements with a `$patch` directive, which says what becomes of the other elements. */
function withoutSpecial(
  original: JsonObject[],
  patch: JsonObject[],
  mergeKey: string,
): { original: JsonObject[]; patch: JsonObject[] } {
  const plain: JsonObject[] = [];
  const deleted = new Set<unknown>();
  let replaces = false;
  for (const item of patch) {
    const directive = item['$patch'];
    if (!Object.hasOwn(item, '$patch')) plain.push(item);
    else if (directive === 'delete') deleted.add(keyOf(item, mergeKey));
    else if (directive === 'replace') replaces = true;
    else if (directive === 'merge') {
      throw new PatchMergeError('merging lists cannot yet be specified in the patch');
    } else throw badPatchType(directive, item);
  }
  if (replaces) return { original: plain, patch: [] };
  const kept = deleted.size === 0 ? original : original.filter((element) => !deleted.has(element[mergeKey]));
  return { original: kept, patch: plain };
}

function mergeByKey(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  mergeKey: string,
  mergeMaps: MergeMaps,
): JsonObject[] {
  const merged = [...original];
  const places = new Map<unknown, number>();
  original.forEach((element, i) => {
    if (Object.hasOwn(element, mergeKey) && !places.has(element[mergeKey])) places.set(element[mergeKey], i);
  });
  for (const item of patch) {
    const key = keyOf(item, mergeKey);
    const at = places.get(key);
    if (at === undefined) places.set(key, merged.push(item) - 1);
    else merged[at] = mergeMaps(merged[at]!, item);
  }
  return merged;
}
