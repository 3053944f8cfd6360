/** Converts the results of mutation expressions to JSON. */

import { copyJson } from '#base/copy-json.ts';
import type { CelType } from '../../types/type.ts';
import { JsonList, ListValue } from '../../values/list.ts';
import { DynMap, MapValue, TypedMap, TypedObject } from '../../values/map.ts';
import { nativeValue } from '../../values/native.ts';
import { Optional, valueOfOptional } from '../../values/optional.ts';
import { ErrorValue, isError, ObjectValue, typeOfValue, type Value } from '../../values/value.ts';
import { PatchObject } from './patch-object.ts';

/** The value has no form in JSON. */
export class NoJson extends Error {
  override name = 'NoJson';
}

type OfBigInt = (value: bigint) => unknown;

/** Throws `NoJson`. `ofBigInt` converts integers that a double cannot represent. */
export function jsonOf(value: Value, ofBigInt: OfBigInt = Number): unknown {
  if (typeof value === 'bigint') return ofBigInt(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof PatchObject) return jsonOfEntries(value.fields, ofBigInt);
  if (value instanceof Optional) return jsonOfOptional(value, ofBigInt);
  if (value instanceof JsonList || isPlainMap(value)) return copyJson(nativeValue(value));
  if (value instanceof ListValue) return value.values().map((each) => jsonOf(each, ofBigInt));
  if (value instanceof MapValue) return jsonOfMap(value, ofBigInt);
  if (!(value instanceof ObjectValue) || !isPlain(typeOfValue(value))) refuse(value);
  return nativeValue(value);
}

const isPlainMap = (value: Value) =>
  value instanceof DynMap || value instanceof TypedMap || value instanceof TypedObject;

const plainKinds: ReadonlySet<CelType['kind']> = new Set(['double', 'duration', 'timestamp', 'uint']);
const isPlain = ({ kind }: CelType) => plainKinds.has(kind);

function refuse(value: Value): void {
  if (value instanceof Uint8Array) return;
  throw new NoJson(`type conversion not supported for '${typeOfValue(value).name}'`);
}

function jsonOfOptional(optional: Optional, ofBigInt: OfBigInt): unknown {
  const value = valueOfOptional(optional);
  if (value instanceof ErrorValue && isError(value)) throw new NoJson(value.message);
  return jsonOf(value, ofBigInt);
}

function jsonOfMap(map: MapValue, ofBigInt: OfBigInt): object {
  return jsonOfEntries(
    map.keys().map((key): [string, Value] => {
      if (typeof key !== 'string') throw new NoJson(keyProblem(key));
      return [key, map.find(key) ?? null];
    }),
    ofBigInt,
  );
}

const keyProblem = (key: Value) => `unsupported type conversion from '${typeOfValue(key).name}' to string`;

/** Names come from requests: `__proto__` is a name like any other. */
function jsonOfEntries(entries: Iterable<readonly [string, Value]>, ofBigInt: OfBigInt): object {
  return Object.fromEntries(Array.from(entries, ([name, value]) => [name, jsonOf(value, ofBigInt)]));
}
