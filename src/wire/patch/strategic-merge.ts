/**
 * Strategic merge patch: lists merge by key as the schema says, and the patch may carry directives.
 *
 *   `$patch: replace | delete` the whole map, or one element of a list
 *   `$retainKeys: [...]` removes the other keys of this map
 *   `$deleteFromPrimitiveList/xs` removes these values from the list `xs`
 *   `$setElementOrder/xs` the final order of the list `xs`; elements that only the server has stay in place
 *
 * Without that order, the order of the patch's elements counts, and new elements come first, as upstream.
 */

import { isJsonObject, type JsonObject, setKey } from '../json/value.ts';
import { PatchFormatError } from './json-patch.ts';
import type { MergeFacts, MergeField } from './merge-facts.ts';
import { badArgument, badPatchType } from './strategic-errors.ts';
import { checkOrder, deleteFromList, mergeList, orderAs } from './strategic-lists.ts';

const setOrder = '$setElementOrder';
const deleteFrom = '$deleteFromPrimitiveList';

/**
 * Returns the patched object; the given object is not changed, parts of the patch are shared with the result.
 * Throws `PatchFormatError`, `PatchApplyError`, `PatchMergeError`.
 */
export function applyStrategicMergePatch<T extends object>(
  original: T,
  patch: object,
  typeName: string,
  facts: MergeFacts,
): T {
  return mergeMap(original as JsonObject, patch as JsonObject, typeName, facts) as T;
}

function mergeMap(original: JsonObject, patch: JsonObject, typeName: string, facts: MergeFacts): JsonObject {
  if (Object.hasOwn(patch, '$patch')) return wholeMap(patch);
  const merged = retainKeys({ ...original }, patch);
  const ordered = mergeOrderedLists(merged, patch, typeName, facts);
  for (const key of Object.keys(patch)) {
    if (key === '$retainKeys' || key.startsWith(setOrder) || ordered.has(key)) continue;
    if (key.startsWith(deleteFrom)) removeFromList(merged, key, patch[key]);
    else mergeKey(merged, key, patch[key], typeName, facts);
  }
  return merged;
}

function wholeMap(patch: JsonObject): JsonObject {
  const { $patch: directive, ...values } = patch;
  if (directive === 'replace') return values;
  if (directive === 'delete') return {};
  throw badPatchType(directive, patch);
}

function retainKeys(merged: JsonObject, patch: JsonObject): JsonObject {
  if (!Object.hasOwn(patch, '$retainKeys')) return merged;
  const retained = patch['$retainKeys'];
  const set: ReadonlySet<unknown> = new Set(Array.isArray(retained) ? retained : []);
  const isForeign = (key: string) =>
    patch[key] !== null &&
    key !== '$retainKeys' &&
    !key.startsWith(deleteFrom) &&
    !key.startsWith(setOrder) &&
    !set.has(key);
  const isList =
    Array.isArray(retained) && retained.every((element) => typeof element !== 'object' || element === null);
  if (!isList || Object.keys(patch).some(isForeign)) {
    throw new PatchFormatError('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(merged)) if (!set.has(key)) delete merged[key];
  return merged;
}

/** The part after the slash. */
function directedKey(directive: string, prefix: string, list: string): string {
  if (!directive.startsWith(`${prefix}/`)) throw new PatchFormatError(`invalid patch format of ${list}`);
  return directive.slice(prefix.length + 1);
}

/** Lists with a `$setElementOrder` are merged first. Returns their keys. */
function mergeOrderedLists(
  merged: JsonObject,
  patch: JsonObject,
  typeName: string,
  facts: MergeFacts,
): Set<string> {
  const done = new Set<string>();
  for (const directive in patch) {
    if (!directive.startsWith(setOrder)) continue;
    const order = listOr(patch[directive]);
    const key = directedKey(directive, setOrder, 'setElementOrder list');
    const original = Object.hasOwn(merged, key) ? listOr(merged[key]) : undefined;
    const change = Object.hasOwn(patch, key) ? listOr(patch[key]) : undefined;
    const field = facts.field(typeName, key);
    checkOrder(change ?? [], order, field.patchMergeKey);
    done.add(key);
    const both = mergedList(original, change, field, facts);
    if (both) setKey(merged, key, orderAs(both, order, original ?? [], field.patchMergeKey));
  }
  return done;
}

function listOr(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw badArgument('[]interface {}', value);
  return value;
}

function mergedList(
  original: unknown[] | undefined,
  change: unknown[] | undefined,
  field: MergeField,
  facts: MergeFacts,
): unknown[] | undefined {
  if (!change) return original;
  if (!original) return withoutDirectives(change) as unknown[];
  return mergeLists(original, change, field, facts);
}

function mergeLists(original: unknown[], change: unknown[], field: MergeField, facts: MergeFacts): unknown[] {
  if (!strategies(field).includes('merge')) return change;
  return mergeList(original, change, field, (element, patch) => mergeMap(element, patch, field.type, facts));
}

/** As upstream: null removes the list, and a value that is not a list is skipped. */
function removeFromList(merged: JsonObject, directive: string, gone: unknown): void {
  const key = directedKey(directive, deleteFrom, 'primitive list');
  const list = Object.hasOwn(merged, key) ? merged[key] : undefined;
  if (gone === null) delete merged[key];
  else if (Array.isArray(gone) && Array.isArray(list)) setKey(merged, key, deleteFromList(list, gone));
}

function mergeKey(
  merged: JsonObject,
  key: string,
  value: unknown,
  typeName: string,
  facts: MergeFacts,
): void {
  const current = Object.hasOwn(merged, key) ? merged[key] : undefined;
  if (value === null) {
    delete merged[key];
  } else if (current === undefined || shapeOf(current) !== shapeOf(value)) {
    const added = withoutDirectives(value);
    if (added === undefined) delete merged[key];
    else setKey(merged, key, added);
  } else if (Array.isArray(value)) {
    setKey(merged, key, mergeLists(current as unknown[], value, facts.field(typeName, key), facts));
  } else if (isJsonObject(value)) {
    const field = facts.field(typeName, key);
    const replaces = strategies(field).includes('replace');
    setKey(merged, key, replaces ? value : mergeMap(current as JsonObject, value, field.type, facts));
  } else {
    setKey(merged, key, value);
  }
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
}

function strategies(field: MergeField): string[] {
  return (field.patchStrategy ?? '').split(',');
}

/**
 * A part of the patch that is new in the document, without nulls. Undefined for a map with `$patch`, whatever
 * its value:
 * upstream drops it, since there is nothing to apply it to. Other directives stay and become unknown fields.
 */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if ((value['$patch'] ?? null) !== null) return undefined;
  const values: JsonObject = {};
  for (const key of Object.keys(value)) {
    const kept = value[key] === null ? undefined : withoutDirectives(value[key]);
    if (kept !== undefined) setKey(values, key, kept);
  }
  return values;
}
