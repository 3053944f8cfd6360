/**
 * Are two JSON values the same to Kubernetes? Absent, null and an empty list are one and the same, and so are two
 * spellings of one amount.
 */

import { isJsonObject } from '#wire/json-value.ts';
import { parseQuantity, QuantityError } from './quantity.ts';

export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, i) => deepEqual(one, b[i]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  // An empty struct is not nothing: `emptyDir: {}` says something by being there.
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (key) => deepEqual(a[key], b[key]) || areSameAmounts(key, a[key], b[key]),
  );
}

/** The fields of the API that hold amounts by the name of a resource. */
const amountLists = new Set([
  ...['limits', 'requests', 'capacity', 'allocatable', 'allocatedResources', 'hard', 'used', 'overhead'],
  ...['podFixed', 'min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'],
]);
const amounts = new Set(['divisor', 'sizeLimit']);

function areSameAmounts(field: string, a: unknown, b: unknown): boolean {
  if (amounts.has(field)) return isSameAmount(a, b);
  if (!amountLists.has(field) || !isJsonObject(a) || !isJsonObject(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSameAmount(a[key], b[key]));
}

function isSameAmount(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  try {
    return parseQuantity(a).compare(parseQuantity(b)) === 0;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
