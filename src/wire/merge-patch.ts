/** RFC 7386 JSON Merge Patch. */

import { equalJson } from './canonical-json.ts';

type JsonObject = Record<string, unknown>;

/** Returns the patched document; the given one stays as it was. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return structuredClone(patch);
  const result: JsonObject = isObject(document) ? { ...document } : {};
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) delete result[key];
    else result[key] = applyMergePatch(result[key], patch[key]);
  }
  return result;
}

/** The smallest merge patch that turns `from` into `to`. */
export function createMergePatch(from: unknown, to: unknown): unknown {
  if (!isObject(from) || !isObject(to)) return to;
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!(key in to)) patch[key] = null;
  for (const key of Object.keys(to)) {
    if (!(key in from)) patch[key] = to[key];
    else if (!equalJson(from[key], to[key])) {
      patch[key] = createMergePatch(from[key], to[key]);
    }
  }
  return patch;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
