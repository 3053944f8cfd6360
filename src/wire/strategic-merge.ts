/**
 * Strategic merge patch: lists merge by key as the schema says, and the patch may carry directives.
 *
 *   `$patch: replace | delete`       the whole map, or one element of a list
 *   `$retainKeys: [...]`             other keys of this map go
 *   `$deleteFromPrimitiveList/xs`    these values leave the list `xs`
 *   `$setElementOrder/xs`            the order the list `xs` ends up in; elements only the server knows stay put
 *
 * Without that order the patch's own elements set it, and new ones come first, as upstream has it.
 */

import { goValueText } from './go-values.ts';
import { PatchFormatError } from './json-patch.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import { orderedList } from './strategic-order.ts';

export interface MergeField {
  /** The type of the object, of the list's elements or of the map's values, where that is an object. */
  readonly type?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

/** What strategic merge has to know about types; `api` answers from the schema. */
export interface MergeFacts {
  /** `typeName` is undefined inside of what the schema does not know. */
  field(typeName: string | undefined, field: string): MergeField;
}

const setOrderPrefix = '$setElementOrder/';
const deleteFromPrefix = '$deleteFromPrimitiveList/';

/** Returns the patched object; the given ones stay as they were. Throws `PatchFormatError`. */
export function applyStrategicMergePatch<T extends object>(
  original: T,
  patch: object,
  typeName: string | undefined,
  facts: MergeFacts,
): T {
  const merged = mergeMap(original as JsonObject, structuredClone(patch) as JsonObject, typeName, facts);
  return merged as T;
}

function mergeMap(
  original: JsonObject,
  patch: JsonObject,
  typeName: string | undefined,
  facts: MergeFacts,
): JsonObject {
  const directive = patch['$patch'];
  if (directive !== undefined) {
    if (directive === 'delete') return {};
    if (directive !== 'replace') throw new PatchFormatError(`unknown patch type found: ${directive}`);
    return valuesOf(patch);
  }
  const merged = retainKeys({ ...original }, patch);
  for (const key of Object.keys(patch)) {
    if (key === '$retainKeys' || key.startsWith(deleteFromPrefix) || key.startsWith(setOrderPrefix)) continue;
    mergeKey(merged, key, patch, typeName, facts);
  }
  return mergeListDirectives(merged, original, patch, typeName, facts);
}

function mergeKey(
  merged: JsonObject,
  key: string,
  patch: JsonObject,
  typeName: string | undefined,
  facts: MergeFacts,
): void {
  const value = patch[key];
  const current = merged[key];
  if (value === null) {
    delete merged[key];
  } else if (current === undefined || shapeOf(current) !== shapeOf(value)) {
    const added = withoutDirectives(value);
    if (added === undefined) delete merged[key];
    else merged[key] = added;
  } else if (Array.isArray(value)) {
    merged[key] = mergeList(current as unknown[], value, facts.field(typeName, key), facts);
  } else if (isJsonObject(value)) {
    const field = facts.field(typeName, key);
    const replaces = strategies(field).includes('replace');
    merged[key] = replaces ? valuesOf(value) : mergeMap(current as JsonObject, value, field.type, facts);
  } else {
    merged[key] = value;
  }
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
}

function strategies(field: MergeField): string[] {
  return (field.patchStrategy ?? '').split(',');
}

function retainKeys(merged: JsonObject, patch: JsonObject): JsonObject {
  const retained = patch['$retainKeys'];
  if (retained === undefined) return merged;
  if (!Array.isArray(retained)) {
    throw new PatchFormatError('invalid patch format of retainKeys: $retainKeys must be a list');
  }
  const set = new Set(retained);
  for (const key of Object.keys(patch)) {
    if (patch[key] !== null && key !== '$retainKeys' && !key.startsWith('$') && !set.has(key)) {
      throw new PatchFormatError('the patch contains a key that is not in the $retainKeys list');
    }
  }
  for (const key of Object.keys(merged)) if (!set.has(key)) delete merged[key];
  return merged;
}

function mergeList(original: unknown[], patch: unknown[], field: MergeField, facts: MergeFacts): unknown[] {
  if (!strategies(field).includes('merge')) return withoutDirectives(patch) as unknown[];
  if (![...original, ...patch].some(isJsonObject)) {
    const merged = [...new Set([...original, ...patch])];
    return orderedList(merged, patch, original, undefined);
  }
  const mergeKeyName = field.patchMergeKey;
  if (mergeKeyName === undefined) {
    throw new PatchFormatError(`cannot merge lists without merge key for type ${field.type ?? 'unknown'}`);
  }
  if (patch.some((item) => isJsonObject(item) && item['$patch'] === 'replace')) {
    return withoutDirectives(patch.filter(isJsonObject)) as unknown[];
  }
  return mergeByKey(original, patch, mergeKeyName, field.type, facts);
}

function mergeByKey(
  original: unknown[],
  patch: unknown[],
  mergeKeyName: string,
  typeName: string | undefined,
  facts: MergeFacts,
): unknown[] {
  let merged = [...original] as JsonObject[];
  for (const item of patch) {
    if (!isJsonObject(item))
      throw new PatchFormatError('invalid patch: a list of objects holds something else');
    const key = item[mergeKeyName];
    if (key === undefined) {
      throw new PatchFormatError(
        `map: ${goValueText(item)} does not contain declared merge key: ${mergeKeyName}`,
      );
    }
    const at = merged.findIndex((one) => one[mergeKeyName] === key);
    if (item['$patch'] === 'delete') merged = merged.filter((one) => one[mergeKeyName] !== key);
    else if (item['$patch'] === 'merge')
      throw new PatchFormatError('merging list cannot yet be specified in the patch');
    else if (at >= 0) merged[at] = mergeMap(merged[at]!, item, typeName, facts);
    else merged.push(valuesOf(item));
  }
  return orderedList(merged, patch, original, mergeKeyName);
}

/** Second pass: what leaves primitive lists, and the order of lists. */
function mergeListDirectives(
  merged: JsonObject,
  original: JsonObject,
  patch: JsonObject,
  typeName: string | undefined,
  facts: MergeFacts,
): JsonObject {
  for (const directive of Object.keys(patch)) {
    if (directive.startsWith(deleteFromPrefix)) {
      const key = directive.slice(deleteFromPrefix.length);
      const gone = new Set(patch[directive] as unknown[]);
      if (Array.isArray(merged[key])) merged[key] = merged[key].filter((value) => !gone.has(value));
    }
  }
  for (const directive of Object.keys(patch)) {
    if (!directive.startsWith(setOrderPrefix)) continue;
    const key = directive.slice(setOrderPrefix.length);
    const order = patch[directive];
    if (!Array.isArray(order))
      throw new PatchFormatError(`invalid patch format of setElementOrder list: ${key}`);
    if (!Array.isArray(merged[key])) continue;
    const before = Array.isArray(original[key]) ? original[key] : [];
    const mergeKeyName = facts.field(typeName, key).patchMergeKey;
    merged[key] = orderedList(merged[key], order, before, mergeKeyName);
  }
  return merged;
}

/**
 * A part of the patch that is new in the document, with nothing but values left in it. Undefined for a map that carries
 * `$patch`, whatever it says: upstream drops it, since there is nothing it could be done to.
 */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  return value['$patch'] === undefined ? valuesOf(value) : undefined;
}

function valuesOf(map: JsonObject): JsonObject {
  const values: JsonObject = {};
  for (const key of Object.keys(map)) {
    const isDirective = key === '$patch' || key === '$retainKeys';
    if (isDirective || key.startsWith(setOrderPrefix) || key.startsWith(deleteFromPrefix)) continue;
    const value = map[key] === null ? undefined : withoutDirectives(map[key]);
    if (value !== undefined) values[key] = value;
  }
  return values;
}
