/**
 * Reads an object from Kubernetes' protobuf form by the schema's field numbers: stock clients send their typed objects
 * so. Answers are JSON, which every such client takes too.
 *
 * Go's encoder writes the zero value of every field that is not a pointer. What JSON would leave out of that is left
 * out here, by the same fact of the schema.
 */

import type { Schema, TypeDef, TypeRef } from '#api/schema.ts';
import { rfc3339, rfc3339Micro } from '#base/clock.ts';
import { ProtobufError, WireReader, type WireValue } from './wire-reader.ts';

const magic = Buffer.from('k8s\0');

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** What Kubernetes wraps around every object: its kind, and its bytes. */
export function readEnvelope(body: Uint8Array): Envelope {
  if (Buffer.compare(body.subarray(0, magic.length), magic) !== 0) {
    throw new ProtobufError('provided data does not appear to be a protobuf message');
  }
  let envelope: Envelope = { apiVersion: '', kind: '', raw: new Uint8Array() };
  for (const { number, value } of new WireReader(body.subarray(magic.length))) {
    if (number === 2) envelope = { ...envelope, raw: bytesOf(value) };
    if (number !== 1) continue;
    for (const inner of new WireReader(bytesOf(value))) {
      const text = Buffer.from(bytesOf(inner.value)).toString();
      if (inner.number === 1) envelope = { ...envelope, apiVersion: text };
      if (inner.number === 2) envelope = { ...envelope, kind: text };
    }
  }
  return envelope;
}

export function readMessage(schema: Schema, typeName: string, bytes: Uint8Array): Record<string, unknown> {
  const type = schema.type(typeName);
  const object: Record<string, unknown> = {};
  readFields(schema, type, numbersOf(type), bytes, object);
  return object;
}

/** What lies under each number: a field, or the numbers of a message that Go inlines. */
interface Numbers extends Map<number, string | Numbers> {}

function readFields(
  schema: Schema,
  type: TypeDef,
  numbers: Numbers,
  bytes: Uint8Array,
  object: Record<string, unknown>,
): void {
  for (const { number, value } of new WireReader(bytes)) {
    const name = numbers.get(number);
    if (name === undefined) continue;
    if (typeof name !== 'string') readFields(schema, type, name, bytesOf(value), object);
    else readField(schema, type, name, value, object);
  }
}

function readField(
  schema: Schema,
  type: TypeDef,
  name: string,
  value: WireValue,
  object: Record<string, unknown>,
): void {
  const field = type.fields.get(name)!;
  if (field.type.kind === 'list') {
    object[name] ??= [];
    (object[name] as unknown[]).push(...listItems(schema, field.type.of, value));
  } else if (field.type.kind === 'map') {
    object[name] ??= {};
    const [key, item] = mapEntry(schema, field.type.of, bytesOf(value));
    (object[name] as Record<string, unknown>)[key] = item;
  } else {
    const read = readValue(schema, field.type, value);
    if (read !== undefined && !(field.dropsZero && isZero(read))) object[name] = read;
  }
}

/** Numbers may come packed together. */
function listItems(schema: Schema, of: TypeRef, value: WireValue): unknown[] {
  const isNumber = of.kind === 'int32' || of.kind === 'int64' || of.kind === 'boolean';
  if (!isNumber || !(value instanceof Uint8Array)) return [readValue(schema, of, value)];
  return WireReader.packed(value).map((one) => readValue(schema, of, one));
}

function mapEntry(schema: Schema, of: TypeRef, bytes: Uint8Array): [string, unknown] {
  let key = '';
  let item = readValue(schema, of, new Uint8Array());
  for (const { number, value } of new WireReader(bytes)) {
    if (number === 1) key = Buffer.from(bytesOf(value)).toString();
    else if (number === 2) item = readValue(schema, of, value);
  }
  return [key, item];
}

function readValue(schema: Schema, type: TypeRef, value: WireValue): unknown {
  switch (type.kind) {
    case 'object':
      return readMessage(schema, type.name, bytesOf(value));
    case 'list':
      return wrappedList(schema, type.of, bytesOf(value));
    case 'map':
      throw new ProtobufError('a map inside of a map has no protobuf form');
    case 'string':
      return Buffer.from(bytesOf(value)).toString();
    case 'bytes':
      return Buffer.from(bytesOf(value)).toString('base64');
    case 'boolean':
      return value === 1n;
    case 'int32':
    case 'int64':
      return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
    case 'double':
      return value instanceof Uint8Array ? Buffer.from(value).readDoubleLE(0) : 0;
    case 'time':
    case 'microTime':
      return timeOf(type.kind, bytesOf(value));
    case 'quantity':
      return firstText(bytesOf(value)) || '0';
    case 'intOrString':
      return intOrString(bytesOf(value));
    default:
      return anyOf(bytesOf(value));
  }
}

/** A list as a map's value lies in a message of its own. */
function wrappedList(schema: Schema, of: TypeRef, bytes: Uint8Array): unknown[] {
  return [...new WireReader(bytes)]
    .filter((one) => one.number === 1)
    .map((one) => readValue(schema, of, one.value));
}

function timeOf(kind: 'time' | 'microTime', bytes: Uint8Array): string | undefined {
  let seconds = 0;
  let nanos = 0;
  for (const { number, value } of new WireReader(bytes)) {
    if (number === 1) seconds = Number(BigInt.asIntN(64, value as bigint));
    if (number === 2) nanos = Number(value);
  }
  if (seconds === 0 && nanos === 0) return undefined;
  return kind === 'time' ? rfc3339(seconds * 1000) : rfc3339Micro(seconds * 1000 + Math.floor(nanos / 1e6));
}

function intOrString(bytes: Uint8Array): number | string {
  let isText = false;
  let int = 0;
  let text = '';
  for (const { number, value } of new WireReader(bytes)) {
    if (number === 1) isText = value === 1n;
    if (number === 2) int = Number(BigInt.asIntN(64, value as bigint));
    if (number === 3) text = Buffer.from(bytesOf(value)).toString();
  }
  return isText ? text : int;
}

/** Free-form JSON lies as text in the only field of its message. */
function anyOf(bytes: Uint8Array): unknown {
  const text = firstText(bytes);
  return text === '' ? undefined : JSON.parse(text);
}

function firstText(bytes: Uint8Array): string {
  for (const { number, value } of new WireReader(bytes)) {
    if (number === 1) return Buffer.from(bytesOf(value)).toString();
  }
  return '';
}

function bytesOf(value: WireValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ProtobufError('a field has another wire type than its schema says');
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

const known = new WeakMap<TypeDef, Numbers>();

function numbersOf(type: TypeDef): Numbers {
  let numbers = known.get(type);
  if (!numbers) {
    numbers = buildNumbers(type);
    known.set(type, numbers);
  }
  return numbers;
}

function buildNumbers(type: TypeDef): Numbers {
  const numbers: Numbers = new Map();
  for (const { name, protobuf, within = [] } of type.fields.values()) {
    if (!protobuf) continue;
    let level = numbers;
    for (const number of within) {
      const inner = level.get(number);
      const next: Numbers = inner instanceof Map ? inner : new Map();
      level.set(number, next);
      level = next;
    }
    level.set(protobuf, name);
  }
  return numbers;
}
