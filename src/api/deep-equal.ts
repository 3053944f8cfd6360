/** Are two JSON values the same to Kubernetes? Absent, null and an empty list are one and the same. */

import { isJsonObject } from '#wire/json-value.ts';

export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, i) => deepEqual(one, b[i]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  // An empty struct is not nothing: `emptyDir: {}` says something by being there.
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => deepEqual(a[key], b[key]));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
