/** Decodes protobuf messages of Kubernetes clients into the objects that JSON would have given. */

import protobuf from 'protobufjs/minimal.js';
import { goJsonError } from '#wire/json/error.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import { tooDeepAt } from '#wire/json/nesting.ts';
import { type JsonObject, setKey } from '#wire/json/value.ts';
import {
  containersMax,
  exceededLimit,
  keysMax,
  LimitExceeded,
  partsOf,
  tooManyContainers,
  tooManyKeys,
  tooManyValues,
  valuesMax,
} from '#wire/json/values-limit.ts';
import { DecodeError } from '../schema/decode-error.ts';
import type { Schema, TypeRef } from '../schema/schema.ts';
import { zeroOf } from '../schema/zero-value.ts';
import { isWrappedList, type MessagePlan, type PlanField, Plans } from './plan.ts';
import { readFieldValues, readScalar, textOf } from './scalars.ts';
import type { PlanRef, Union } from './unions.ts';
import { fixed64, lengthDelimited, nestedEnd, type Reader, refuseWire, varint } from './wire.ts';

export class ProtobufDecoder {
  readonly #plans: Plans;
  /** Values in the current message. */
  #values = 0;
  #keys = 0;
  #containers = 0;

  constructor(schema: Schema) {
    this.#plans = new Plans(schema);
  }

  /**
   * Decodes a bare message, without the envelope. Throws `DecodeError`, and `LimitExceeded` for a message
   * that would take too long.
   */
  decode(typeName: string, bytes: Uint8Array): JsonObject {
    this.#values = 0;
    this.#keys = 0;
    this.#containers = 0;
    const value: JsonObject = {};
    try {
      const reader = protobuf.Reader.create(bytes);
      this.#message(reader, reader.len, this.#plans.of(typeName), value);
    } catch (error) {
      refuseWire(error);
    }
    return value;
  }

  /** `value` is the object of the outermost type: fields of inlined structs belong to it. */
  #message(reader: Reader, end: number, plan: MessagePlan, value: JsonObject): void {
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag >>> 3 === 0) throw new Error('illegal tag: field number 0');
      const field = plan.fields.get(tag >>> 3);
      const inner = plan.inlined.get(tag >>> 3);
      if (field) this.#field(reader, tag & 7, field, value);
      else if (inner) this.#message(reader, nestedEnd(reader), inner, value);
      else reader.skipType(tag & 7);
    }
    if (reader.pos !== end) throw new RangeError('a field reaches over the end of its message');
  }

  #countValue(): void {
    if (++this.#values > valuesMax) throw new LimitExceeded(tooManyValues);
  }

  #exceeded(): string | undefined {
    if (this.#containers > containersMax) return tooManyContainers;
    return this.#values > valuesMax ? tooManyValues : undefined;
  }

  /** As it is counted in JSON: an object or a list, which is also a value. */
  #container<T extends object>(value: T): T {
    if (++this.#containers > containersMax) throw new LimitExceeded(tooManyContainers);
    return value;
  }

  #field(reader: Reader, wireType: number, field: PlanField, value: JsonObject): void {
    this.#countValue();
    const { name, type } = field;
    if (type.kind === 'list') {
      const list = (value[name] as unknown[] | undefined) ?? this.#container([]);
      value[name] = list;
      this.#items(reader, wireType, type.of, list);
    } else if (type.kind === 'map') {
      const map = (value[name] as JsonObject | undefined) ?? this.#container({});
      value[name] = map;
      this.#mapEntry(reader, type.of, map);
    } else {
      const element = this.#value(reader, wireType, type);
      const isZero = element === '' || element === 0 || element === false;
      if (element !== undefined && !(isZero && field.dropsZero)) value[name] = element;
    }
  }

  /** Numbers may be packed: several in one length-delimited field. */
  #items(reader: Reader, wireType: number, itemType: PlanRef, list: unknown[]): void {
    const ownType = wireTypeOf(itemType);
    const isPacked = wireType === lengthDelimited && ownType !== lengthDelimited;
    const end = isPacked ? nestedEnd(reader) : reader.pos + 1;
    while (reader.pos < end) {
      if (isPacked) this.#countValue();
      list.push(this.#value(reader, isPacked ? ownType : wireType, itemType));
    }
  }

  #mapEntry(reader: Reader, valueType: PlanRef, map: JsonObject): void {
    if (++this.#keys > keysMax) throw new LimitExceeded(tooManyKeys);
    const end = nestedEnd(reader);
    let key = '';
    let value = zeroIn(valueType);
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) key = reader.string();
      else if (tag >>> 3 !== 2) reader.skipType(tag & 7);
      else if (isWrappedList(valueType)) value = this.#wrappedList(reader, valueType.of);
      else value = this.#value(reader, tag & 7, valueType);
    }
    // A missing time is encoded without a value.
    setKey(map, key, value ?? zeroIn(valueType));
  }

  #wrappedList(reader: Reader, itemType: PlanRef): unknown[] {
    const list: unknown[] = this.#container([]);
    const end = nestedEnd(reader);
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) {
        this.#countValue();
        this.#items(reader, tag & 7, itemType, list);
      } else reader.skipType(tag & 7);
    }
    return list;
  }

  #value(reader: Reader, wireType: number, ref: PlanRef): unknown {
    if (wireType !== wireTypeOf(ref)) throw new DecodeError('proto: wrong wireType');
    if (ref.kind === 'union') return this.#union(reader, ref.union);
    if (ref.kind === 'any') return this.#raw(reader);
    if (ref.kind !== 'object') return readScalar(reader, ref.kind);
    const value: JsonObject = this.#container({});
    this.#message(reader, nestedEnd(reader), this.#plans.of(ref.name), value);
    return value;
  }

  /** JSON within the message. Undefined for none. */
  #raw(reader: Reader): unknown {
    const text = textOf(readFieldValues(reader).get(1));
    if (text === '') return undefined;
    const bytes = Buffer.from(text);
    const { values, containers } = partsOf(bytes);
    this.#values += values;
    this.#containers += containers;
    const tooMany = exceededLimit(bytes) ?? this.#exceeded();
    if (tooMany !== undefined) throw new LimitExceeded(tooMany);
    return parsedRaw(text, bytes);
  }

  #union(reader: Reader, { schema, other, schemaType, otherType, empty }: Union): unknown {
    const value: JsonObject = this.#container({});
    const fields = new Map<number, PlanField>([
      [schema, { name: 'schema', type: schemaType }],
      [other, { name: 'other', type: otherType }],
    ]);
    this.#message(reader, nestedEnd(reader), { fields, inlined: new Map() }, value);
    return value['schema'] ?? value['other'] ?? empty;
  }
}

function zeroIn(ref: PlanRef): unknown {
  return ref.kind === 'union' ? ref.union.empty : zeroOf(ref as TypeRef);
}

function wireTypeOf({ kind }: PlanRef): number {
  if (kind === 'boolean' || kind === 'int32' || kind === 'int64') return varint;
  return kind === 'double' ? fixed64 : lengthDelimited;
}

function parsedRaw(raw: string, bytes: Uint8Array): unknown {
  if (tooDeepAt(bytes) !== undefined) throw new DecodeError('exceeded max depth');
  try {
    return parseExactly(raw);
  } catch (error) {
    throw new DecodeError(goJsonError(raw) ?? (error as SyntaxError).message);
  }
}
