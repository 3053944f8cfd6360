/** RFC 7386 JSON Merge Patch. */

import { isJsonObject, type JsonObject, setKey } from './json-value.ts';

/** Returns the patched document; the given one and the patch stay as they were. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return structuredClone(patch);
  if (!isJsonObject(patch)) return patch;
  const result: JsonObject = isJsonObject(document) ? { ...document } : {};
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) delete result[key];
    else setKey(result, key, applyMergePatch(ownValue(result, key), patch[key]));
  }
  return result;
}

function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
