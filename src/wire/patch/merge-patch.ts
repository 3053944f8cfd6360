/** RFC 7386 JSON Merge Patch. */

import { copyJson } from '#base/copy-json.ts';
import { isJsonObject, type JsonObject, setKey } from '../json/value.ts';

/**
 * Returns the patched document; the document and the patch are not changed. As upstream's library, also drops null fields
 * of objects in lists, but for a list that takes the place of an object.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  return Array.isArray(patch) ? patch.map((item) => merged(undefined, item)) : merged(document, patch);
}

function merged(document: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) {
    return isJsonObject(document) ? copyJson(patch) : patch.map((item) => merged(undefined, item));
  }
  if (!isJsonObject(patch)) return patch;
  const result: JsonObject = isJsonObject(document) ? { ...document } : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) delete result[key];
    else if (typeof value === 'object') setKey(result, key, merged(ownValue(result, key), value));
    else setKey(result, key, value);
  }
  return result;
}

function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
