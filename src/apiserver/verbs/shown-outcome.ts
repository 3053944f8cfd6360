/**
 * The outcome of a patch as upstream reads it, and as its messages show it: what the patch has gone into is a map in Go,
 * whose keys are sorted; the rest is as a struct's fields are written. Which of several problems is found first follows
 * from that order.
 */

import type { Schema, TypeRef } from '#api/schema/schema.ts';
import { inGoOrder, reordered, typeWithin, untyped } from '#api/schema/struct-order.ts';
import { goStructJson } from '#base/text/go-json.ts';
import { cutText } from '#wire/json/go-values.ts';
import { parsePointer } from '#wire/json/pointer.ts';
import { isJsonObject, type JsonObject, setKey } from '#wire/json/value.ts';
import { applyJsonPatch, type JsonPatchOperation } from '#wire/patch/json-patch.ts';
import { applyMergePatch } from '#wire/patch/merge-patch.ts';
import type { ExpectedKind } from '../codec/decode/check-kind.ts';

/** Stands where a JSON patch has put a value, which stays as the client wrote it. */
const asGiven = true;

export function mergedInOrder(object: object, patch: unknown, expected: ExpectedKind): unknown {
  return inOrder(applyMergePatch(object, patch), patch, expected);
}

export function patchedInOrder(object: object, patch: unknown, expected: ExpectedKind): unknown {
  const touched: JsonObject = {};
  for (const { path, from } of (patch ?? []) as readonly JsonPatchOperation[]) {
    if (typeof from === 'string') touch(touched, parsePointer(from).slice(0, -1));
    touch(touched, parsePointer(path), asGiven);
  }
  return inOrder(applyJsonPatch(object, patch), touched, expected);
}

export function shownText(outcome: unknown): string {
  return cutText(goStructJson(outcome));
}

/** `last`: what stands at the end of the path from then on. */
function touch(touched: JsonObject, path: readonly string[], last: unknown = {}): void {
  let at = touched;
  for (const [i, key] of path.entries()) {
    const below = Object.hasOwn(at, key) ? at[key] : undefined;
    if (i === path.length - 1) {
      if (below === undefined) setKey(at, key, last);
      return;
    }
    if (!isJsonObject(below)) setKey(at, key, {});
    at = at[key] as JsonObject;
  }
}

function inOrder(outcome: unknown, touched: unknown, { schema, type, read }: ExpectedKind): unknown {
  return sorted(schema, outcome, touched, read ? untyped : { kind: 'object', name: type });
}

/** `touched`: what the patch has there. */
function sorted(schema: Schema, value: unknown, touched: unknown, ref: TypeRef): unknown {
  if (touched === asGiven) return value;
  if (touched === undefined) return inGoOrder(schema, value, ref);
  if (!isJsonObject(touched)) return inGoOrder(schema, value, untyped);
  const below = (item: unknown, key: string) =>
    sorted(
      schema,
      item,
      Object.hasOwn(touched, key) ? touched[key] : undefined,
      typeWithin(schema, ref, key),
    );
  if (Array.isArray(value)) return value.map((item, i) => below(item, String(i)));
  return isJsonObject(value) ? reordered(value, Object.keys(value).sort(), below) : value;
}
