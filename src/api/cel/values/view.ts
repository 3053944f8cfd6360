/** Views of plain JSON as CEL values of a type, one level at a time: only what an expression reads is converted. */

import type { CelType } from '../types/type.ts';
import { bytesOfBase64 } from './bytes.ts';
import { intOf } from './int.ts';
import { JsonList } from './list.ts';
import { DynMap, TypedMap, TypedObject } from './map.ts';
import { none, Optional } from './optional.ts';
import { parseDate, parseDateTime, parseJsonDuration } from './schema-times.ts';
import { Double, ErrorValue, ObjectValue, type Value, type View } from './value.ts';

const views = new WeakMap<CelType, View>();

/** The view of a type, made once. */
export function viewOf(type: CelType): View {
  let view = views.get(type);
  if (view === undefined) {
    view = type.facts.isIntOrString ? viewIntOrString : makeView(type);
    views.set(type, view);
  }
  return view;
}

const notNull = new ErrorValue('invalid data, got null for schema with nullable=false');

function makeView(type: CelType): View {
  const view = viewOfKind(type);
  if (type.kind === 'dyn' || type.kind === 'any' || type.kind === 'opaque') return view;
  const ofNull: Value = type.facts.isNullable || type.kind === 'null_type' ? null : notNull;
  return (raw) => (raw === null || raw === undefined ? ofNull : view(raw));
}

function viewOfKind(type: CelType): View {
  switch (type.kind) {
    case 'bool':
      return (raw) => (typeof raw === 'boolean' ? raw : unexpected('bool', raw));
    case 'int':
      return viewInt;
    case 'double':
      return (raw) =>
        typeof raw === 'number' || typeof raw === 'bigint'
          ? new Double(Number(raw))
          : unexpected('float', raw);
    case 'string':
      return (raw) => (typeof raw === 'string' ? raw : unexpected('string', raw));
    case 'bytes':
      return textView(bytesOfBase64);
    case 'duration':
      return textView(parseJsonDuration);
    case 'timestamp':
      return textView(type.facts.isDate ? parseDate : parseDateTime);
    case 'list':
      return viewOfList(type);
    case 'map':
      return viewOfMap(type);
    case 'struct':
      return viewOfObject(type);
    case 'opaque':
      return type.name === 'optional_type' ? viewOfOptional(type) : viewDyn;
    default:
      return viewDyn;
  }
}

const textView =
  (parse: (text: string) => Value): View =>
  (raw) =>
    typeof raw === 'string' ? parse(raw) : unexpected('string', raw);

function viewInt(raw: unknown): Value {
  if (typeof raw === 'bigint') return intOf(raw);
  if (typeof raw !== 'number' || !Number.isInteger(raw)) return unexpected('int', raw);
  // The digits that a number is written with are its value: 2⁶⁰ is 1152921504606847000.
  return Number.isSafeInteger(raw) ? raw + 0 : intOf(BigInt(Math.abs(raw) < 1e21 ? String(raw) : raw));
}

function viewIntOrString(raw: unknown): Value {
  if (raw === null || raw === undefined) return notNull;
  if (typeof raw === 'string') return raw;
  if (typeof raw === 'bigint' || (typeof raw === 'number' && Number.isInteger(raw))) return viewInt(raw);
  return new ErrorValue('invalid data, expected XIntOrString value to be either a string or integer');
}

function viewOfList(type: CelType): View {
  const element = viewOf(type.parameters[0]!);
  return (raw) => {
    if (Array.isArray(raw)) return new JsonList(raw, element, type);
    return raw instanceof ObjectValue
      ? raw
      : new ErrorValue('invalid data, expected an array for the provided schema with type=array');
  };
}

const notAnObject = new ErrorValue('invalid data, expected a map for the provided schema with type=object');

function viewOfMap(type: CelType): View {
  const value = viewOf(type.parameters[1]!);
  return (raw) => {
    if (raw instanceof ObjectValue) return raw;
    return isJsonObject(raw) ? new TypedMap(raw, value) : notAnObject;
  };
}

function viewOfObject(type: CelType): View {
  return (raw) => {
    if (raw instanceof ObjectValue) return raw;
    return isJsonObject(raw) ? new TypedObject(raw, type, viewOf) : notAnObject;
  };
}

function viewOfOptional(type: CelType): View {
  const value = viewOf(type.parameters[0]!);
  return (raw) => (raw === undefined ? none : raw instanceof Optional ? raw : new Optional(value(raw)));
}

/** Without a schema: by the JSON type. CEL values stay as they are. */
export function viewDyn(raw: unknown): Value {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
      return raw;
    case 'bigint':
      return intOf(raw);
    case 'number':
      return Number.isSafeInteger(raw) ? raw + 0 : new Double(raw);
    default:
      if (raw === null || raw === undefined) return null;
      if (raw instanceof ObjectValue || raw instanceof Uint8Array) return raw;
      if (Array.isArray(raw)) return new JsonList(raw, viewDyn);
      return new DynMap(raw as Record<string, unknown>, viewDyn);
  }
}

const isJsonObject = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw);

const unexpected = (expected: string, raw: unknown): Value =>
  raw instanceof ObjectValue || raw instanceof Uint8Array
    ? raw
    : new ErrorValue(`invalid data, expected ${expected}, got ${goTypeOf(raw)}`);

/** The type that Go decodes this JSON into. */
function goTypeOf(raw: unknown): string {
  switch (typeof raw) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(raw) ? 'int64' : 'float64';
    case 'bigint':
      return 'int64';
    default:
      return Array.isArray(raw) ? '[]interface {}' : 'map[string]interface {}';
  }
}
