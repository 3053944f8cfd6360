/**
 * Upstream's errors for a strategic merge patch that cannot be applied; most of them have no status code of
 * their own.
 */

import { goTypeOf, goValueText } from '../json/go-values.ts';
import type { JsonObject } from '../json/value.ts';

/** An error without a code of its own: 500 with the bare message. */
export class PatchMergeError extends Error {
  override name = 'PatchMergeError';
}

export function badPatchType(directive: unknown, map: JsonObject): PatchMergeError {
  return new PatchMergeError(`unknown patch type: ${asText(directive)} in map: ${goValueText(map)}`);
}

/** As Go's `%s` prints a value of any type. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '%!s(<nil>)';
  if (Array.isArray(value)) return `[${value.map(asText).join(' ')}]`;
  if (typeof value !== 'object') return `%!s(${goTypeOf(value)}=${String(value)})`;
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${asText((value as JsonObject)[key])}`).join(' ')}]`;
}

export function noMergeKey(map: JsonObject, mergeKey: string): PatchMergeError {
  return new PatchMergeError(`map: ${goValueText(map)} does not contain declared merge key: ${mergeKey}`);
}

export function notAStruct(goKind: string): PatchMergeError {
  return new PatchMergeError(`merging an object in json but data type is not struct, instead is: ${goKind}`);
}

/** `typeName` is the type's full name, or its last part. */
export function noSuchField(typeName: string, field: string): PatchMergeError {
  const struct = typeName.slice(typeName.lastIndexOf('.') + 1);
  return new PatchMergeError(
    `unable to find api field in struct ${struct} for the json field ${JSON.stringify(field)}`,
  );
}

export function badArgument(wanted: string, found: unknown): PatchMergeError {
  const type = found === null ? '%!s(<nil>)' : goTypeOf(found);
  return new PatchMergeError(`expected a ${wanted}, but received a ${type}`);
}

export function mixedElements(lists: readonly (readonly unknown[])[]): PatchMergeError {
  return new PatchMergeError(`list element types are not identical: ${goValueText(lists)}`);
}

export function orderMismatch(patch: readonly unknown[], order: readonly unknown[]): PatchMergeError {
  return new PatchMergeError(
    `The order in patch list:\n${goValueText(patch)}\n doesn't match $setElementOrder list:\n${goValueText(order)}\n`,
  );
}
