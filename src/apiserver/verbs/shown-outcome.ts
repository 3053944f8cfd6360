/**
 * The outcome of a patch as upstream's messages show it: what the patch has gone into is a map in Go, whose keys are
 * sorted; the rest is as a struct's fields are written.
 */

import type { Schema, TypeRef } from '#api/schema/schema.ts';
import { goStructJson } from '#base/text/go-json.ts';
import { cutText } from '#wire/json/go-values.ts';
import { parsePointer } from '#wire/json/pointer.ts';
import { isJsonObject, type JsonObject, setKey } from '#wire/json/value.ts';
import type { JsonPatchOperation } from '#wire/patch/json-patch.ts';
import { applyMergePatch } from '#wire/patch/merge-patch.ts';
import type { ExpectedKind } from '../codec/decode/check-kind.ts';

/** What a value that has no type in Go is ordered by. */
const untyped: TypeRef = { kind: 'any' };

/** Stands where a JSON patch has put a value, which stays as the client wrote it. */
const asGiven = true;

export function shownMerge(object: object, patch: object, expected: ExpectedKind): string {
  return shown(applyMergePatch(object, patch), patch, expected);
}

/**
 * `outcome` has been decoded, in place: what decoding has dropped or changed of the values that the operations have put
 * into maps is put in again.
 */
export function shownJsonPatch(outcome: object, patch: unknown, expected: ExpectedKind): string {
  const touched: JsonObject = {};
  for (const operation of (patch ?? []) as readonly JsonPatchOperation[]) {
    const path = parsePointer(operation.path);
    touch(touched, path);
    restore(outcome, path, operation);
  }
  return shown(outcome, touched, expected);
}

function restore(outcome: object, path: readonly string[], { op, value }: JsonPatchOperation): void {
  let at: unknown = outcome;
  for (const key of path.slice(0, -1)) {
    at = typeof at === 'object' && at && Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
  }
  const last = path.at(-1);
  if (last === undefined || !isJsonObject(at)) return;
  if (op === 'remove') delete at[last];
  else if (op === 'add' || op === 'replace') setKey(at, last, value);
}

function touch(touched: JsonObject, path: readonly string[]): void {
  let at = touched;
  for (const key of path.slice(0, -1)) {
    const below = Object.hasOwn(at, key) ? at[key] : undefined;
    if (!isJsonObject(below)) setKey(at, key, {});
    at = at[key] as JsonObject;
  }
  const last = path.at(-1);
  if (last !== undefined && !Object.hasOwn(at, last)) setKey(at, last, asGiven);
}

function shown(outcome: unknown, touched: object, { schema, type, read }: ExpectedKind): string {
  const ref: TypeRef = read ? untyped : { kind: 'object', name: type };
  return cutText(goStructJson(sorted(schema, outcome, touched, ref)));
}

/** `touched`: what the patch has there. */
function sorted(schema: Schema, value: unknown, touched: unknown, ref: TypeRef): unknown {
  if (touched === asGiven) return value;
  if (touched === undefined) return written(schema, value, ref);
  if (!isJsonObject(touched)) return written(schema, value, untyped);
  const below = (item: unknown, key: string) =>
    sorted(schema, item, Object.hasOwn(touched, key) ? touched[key] : undefined, typeOf(schema, ref, key));
  if (Array.isArray(value)) return value.map((item, i) => below(item, String(i)));
  return isJsonObject(value) ? reordered(value, Object.keys(value).sort(), below) : value;
}

function written(schema: Schema, value: unknown, ref: TypeRef): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => written(schema, item, ref.kind === 'list' ? ref.of : untyped));
  }
  if (!isJsonObject(value)) return value;
  const keys = ref.kind === 'object' ? inStructOrder(schema, ref.name, value) : Object.keys(value).sort();
  return reordered(value, keys, (item, key) => written(schema, item, typeOf(schema, ref, key)));
}

function reordered(
  value: JsonObject,
  keys: readonly string[],
  below: (item: unknown, key: string) => unknown,
): object {
  return Object.fromEntries(keys.map((key) => [key, below(value[key], key)]));
}

/** Fields are numbered in the order of the struct, but for some that it got later. */
function inStructOrder(schema: Schema, name: string, value: JsonObject): string[] {
  const { fields } = schema.type(name);
  const numberOf = (key: string) => fields.get(key)?.within?.[0] ?? fields.get(key)?.protobuf ?? 0;
  return Object.keys(value).sort((a, b) => numberOf(a) - numberOf(b));
}

function typeOf(schema: Schema, ref: TypeRef, key: string): TypeRef {
  if (ref.kind === 'map' || ref.kind === 'list') return ref.of;
  return (ref.kind === 'object' && schema.type(ref.name).fields.get(key)?.type) || untyped;
}
