/** Encodes objects as protobuf messages for Kubernetes clients; the layout comes from the schema. */

import protobuf from 'protobufjs/minimal.js';
import { goJson } from '#base/text/go-json.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { parseGoDuration } from '../go/duration.ts';
import { secondsOf } from '../go/time.ts';
import type { Schema } from '../schema/schema.ts';
import { isWrappedList, type MessagePlan, Plans } from './plan.ts';
import type { PlanRef, Union } from './unions.ts';
import { fixed64, lengthDelimited, varint, type Writer, writeNested, writeTag, writeText } from './wire.ts';

export class ProtobufEncoder {
  readonly #plans: Plans;

  constructor(schema: Schema) {
    this.#plans = new Plans(schema);
  }

  /** The bare message, without the envelope. */
  encode(typeName: string, value: object): Uint8Array {
    const writer = protobuf.Writer.create();
    this.#message(writer, this.#plans.of(typeName), value as JsonObject);
    return writer.finish();
  }

  /** Several messages, each as field `field`; with `inner`, each wrapped in a message with that field. */
  encodeItems(field: number, typeName: string, values: readonly object[], inner?: number): Uint8Array {
    const writer = protobuf.Writer.create();
    const plan = this.#plans.of(typeName);
    for (const value of values) {
      const write = () => this.#message(writer, plan, value as JsonObject);
      writeNested(writer, field, inner === undefined ? write : () => writeNested(writer, inner, write));
    }
    return writer.finish();
  }

  #message(writer: Writer, plan: MessagePlan, value: JsonObject): void {
    for (const [number, inner] of plan.inlined) {
      if (!this.#holdsAnything(inner, value)) continue;
      writeNested(writer, number, () => this.#message(writer, inner, value));
    }
    for (const [number, field] of plan.fields) {
      const item = value[field.name];
      if (item !== undefined && item !== null) this.#field(writer, number, field.type, item);
    }
  }

  #holdsAnything(plan: MessagePlan, value: JsonObject): boolean {
    for (const field of plan.fields.values()) if (value[field.name] !== undefined) return true;
    for (const inner of plan.inlined.values()) if (this.#holdsAnything(inner, value)) return true;
    return false;
  }

  #field(writer: Writer, number: number, ref: PlanRef, value: unknown): void {
    switch (ref.kind) {
      case 'list':
        for (const item of value as unknown[]) this.#field(writer, number, ref.of, item);
        return;
      case 'map':
        for (const [key, item] of Object.entries(value as JsonObject)) {
          writeNested(writer, number, () => this.#mapEntry(writer, ref.of, key, item));
        }
        return;
      case 'object':
        writeNested(writer, number, () =>
          this.#message(writer, this.#plans.of(ref.name), value as JsonObject),
        );
        return;
      case 'union':
        writeNested(writer, number, () => this.#union(writer, ref.union, value));
        return;
      default:
        writeScalar(writer, number, ref.kind, value);
    }
  }

  /** In the order of the numbers, as Go writes them. */
  #union(
    writer: Writer,
    { schema, other, schemaType, otherType, besideSchema }: Union,
    value: unknown,
  ): void {
    const isSchema = isJsonObject(value);
    const beside = isSchema ? besideSchema : value;
    if (isSchema && schema < other) this.#field(writer, schema, schemaType, value);
    if (beside !== undefined && beside !== null) this.#field(writer, other, otherType, beside);
    if (isSchema && schema > other) this.#field(writer, schema, schemaType, value);
  }

  #mapEntry(writer: Writer, ref: PlanRef, key: string, value: unknown): void {
    writeText(writer, 1, key);
    if (isWrappedList(ref)) writeNested(writer, 2, () => this.#field(writer, 1, ref, value));
    else this.#field(writer, 2, ref, value);
  }
}

function writeScalar(writer: Writer, number: number, kind: PlanRef['kind'], value: unknown): void {
  const tag = (wireType: number) => writeTag(writer, number, wireType);
  switch (kind) {
    case 'boolean':
      tag(varint).bool(value as boolean);
      break;
    case 'int32':
    case 'int64':
      tag(varint).int64(value as number);
      break;
    case 'double':
      tag(fixed64).double(value as number);
      break;
    case 'bytes':
      tag(lengthDelimited).bytes(Buffer.from(value as string, 'base64'));
      break;
    case 'quantity':
      writeNested(writer, number, () => writeText(writer, 1, value as string));
      break;
    case 'time':
    case 'microTime':
      // The zero time is an empty message.
      writeNested(writer, number, () => {
        if (value !== null) writeTime(writer, value as string);
      });
      break;
    case 'duration':
      writeNested(writer, number, () => {
        writeTag(writer, 1, varint).int64(Number(parseGoDuration(value as string)));
      });
      break;
    case 'intOrString':
      writeNested(writer, number, () => writeIntOrString(writer, value));
      break;
    case 'any':
      writeNested(writer, number, () => {
        writeTag(writer, 1, lengthDelimited).bytes(Buffer.from(goJson(value)));
      });
      break;
    default:
      writeText(writer, number, value as string);
  }
}

function writeTime(writer: Writer, text: string): void {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  writeTag(writer, 1, varint).int64(secondsOf(text));
  writeTag(writer, 2, varint).int32(Number(fraction.padEnd(9, '0').slice(0, 9)));
}

function writeIntOrString(writer: Writer, value: unknown): void {
  const isText = typeof value === 'string';
  writeTag(writer, 1, varint).int64(isText ? 1 : 0);
  writeTag(writer, 2, varint).int32(isText ? 0 : (value as number));
  writeText(writer, 3, isText ? value : '');
}
