/**
 * Brings a parsed object into the form its schema type has, in place: fields that are null or unknown go, quantities
 * and times are written as the server writes them. The first value of a wrong type ends it.
 */

import { canonicalQuantity, QuantityError } from '#api/quantity.ts';
import type { ScalarKind, Schema, TypeRef } from '#api/schema.ts';
import { rfc3339, rfc3339Micro } from '#base/clock.ts';

export interface Conformed {
  /** Paths of the fields the type does not have. */
  readonly unknown: readonly string[];
  /** What is wrong with a value, as Go's decoder says it. */
  readonly wrong?: string;
}

class WrongType extends Error {}

export function conform(schema: Schema, typeName: string, object: object): Conformed {
  const unknown: string[] = [];
  try {
    new Walk(schema, unknown).object(typeName, object as Record<string, unknown>, '');
    return { unknown };
  } catch (error) {
    if (error instanceof WrongType) return { unknown, wrong: error.message };
    throw error;
  }
}

class Walk {
  readonly #schema: Schema;
  readonly #unknown: string[];

  constructor(schema: Schema, unknown: string[]) {
    this.#schema = schema;
    this.#unknown = unknown;
  }

  object(typeName: string, value: Record<string, unknown>, path: string): void {
    const type = this.#schema.type(typeName);
    for (const key in value) {
      const field = type.fields.get(key);
      const at = path === '' ? key : `${path}.${key}`;
      if (!field) {
        this.#unknown.push(at);
        delete value[key];
      } else if (value[key] === null) delete value[key];
      else {
        const now = this.#value(field.type, value[key], at);
        if (now !== value[key]) value[key] = now;
      }
    }
  }

  #value(type: TypeRef, value: unknown, path: string): unknown {
    switch (type.kind) {
      case 'object':
        if (!isRecord(value)) throw wrong(value, typeText(type), path);
        this.object(type.name, value, path);
        return value;
      case 'list':
        if (!Array.isArray(value)) throw wrong(value, typeText(type), path);
        return this.#list(type.of, value, path);
      case 'map':
        if (!isRecord(value)) throw wrong(value, typeText(type), path);
        return this.#map(type.of, value, path);
      default:
        return scalar(type.kind, value, path);
    }
  }

  #list(of: TypeRef, values: unknown[], path: string): unknown[] {
    for (let i = 0; i < values.length; i++) {
      const at = `${path}[${i}]`;
      if (values[i] === null) values[i] = zeroOf(of);
      else values[i] = this.#value(of, values[i], at);
    }
    return values;
  }

  #map(of: TypeRef, values: Record<string, unknown>, path: string): Record<string, unknown> {
    for (const key in values) {
      if (values[key] === null) values[key] = zeroOf(of);
      else values[key] = this.#value(of, values[key], `${path}.${key}`);
    }
    return values;
  }
}

function scalar(kind: ScalarKind, value: unknown, path: string): unknown {
  switch (kind) {
    case 'string':
      if (typeof value !== 'string') throw wrong(value, 'string', path);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(value, 'bool', path);
      return value;
    case 'int32':
    case 'int64':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(value, kind, path);
      return value;
    case 'double':
      if (typeof value !== 'number') throw wrong(value, 'float64', path);
      return value;
    case 'bytes':
      return base64(value, path);
    case 'quantity':
      return quantity(value, path);
    case 'time':
    case 'microTime':
      return time(kind, value, path);
    case 'intOrString':
      if (typeof value !== 'string' && typeof value !== 'number')
        throw wrong(value, 'intstr.IntOrString', path);
      return value;
    default:
      return value;
  }
}

function quantity(value: unknown, path: string): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw wrong(value, 'resource.Quantity', path);
  try {
    return canonicalQuantity(value);
  } catch (error) {
    if (error instanceof QuantityError) throw new WrongType(error.message);
    throw error;
  }
}

function time(kind: 'time' | 'microTime', value: unknown, path: string): string {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms))
    throw new WrongType(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} (${path})`,
    );
  if (kind === 'time') return rfc3339(ms);
  return keepsMicros.test(value as string) ? (value as string) : rfc3339Micro(ms);
}

/** A date holds milliseconds; what comes with six digits in UTC is kept as it is. */
const keepsMicros = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const base64Text = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function base64(value: unknown, path: string): string {
  if (typeof value !== 'string') throw wrong(value, '[]uint8', path);
  const text = /\s/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (base64Text.test(text)) return text;
  const bad = /[^A-Za-z0-9+/]/.exec(text);
  throw new WrongType(`illegal base64 data at input byte ${bad ? bad.index : Math.max(0, text.length - 1)}`);
}

function zeroOf(type: TypeRef): unknown {
  if (type.kind === 'object' || type.kind === 'map') return {};
  if (type.kind === 'list') return [];
  if (type.kind === 'boolean') return false;
  return type.kind === 'int32' || type.kind === 'int64' || type.kind === 'double' ? 0 : '';
}

function wrong(value: unknown, wanted: string, path: string): WrongType {
  return new WrongType(
    `json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field .${path} of type ${wanted}`,
  );
}

function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' && !Number.isInteger(value)) return `number ${value}`;
  return typeof value;
}

function typeText(type: TypeRef): string {
  if (type.kind === 'object')
    return type.name.replace(/^io\.k8s\.(?:api|apimachinery\.pkg\.apis)\.(?:.*\.)?(\w+\.\w+)$/, '$1');
  if (type.kind === 'list') return `[]${typeText(type.of)}`;
  return type.kind === 'map' ? `map[string]${typeText(type.of)}` : type.kind;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
