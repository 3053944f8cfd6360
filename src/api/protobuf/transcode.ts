/**
 * Turns the stored JSON bytes of an object into its protobuf message, byte by byte: nothing is parsed into an object
 * that is encoded again, which costs several times as much.
 *
 * It reads what `encodeObject` writes: valid JSON without white space. What it does not know (the unions of schemas,
 * numbers that are not written as digits) it leaves to the encoder.
 */

import { asBuffer } from '#base/text/as-buffer.ts';
import { parseJson } from '#wire/json/canonical.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { secondsOf } from '../go/time.ts';
import type { Schema } from '../schema/schema.ts';
import { ProtobufEncoder } from './encode.ts';
import { FieldsByName, type NamedField } from './fields-by-name.ts';
import { MessageBuffer } from './message-buffer.ts';
import { isWrappedList, Plans } from './plan.ts';
import type { PlanRef } from './unions.ts';
import { fixed64, varint } from './wire.ts';

/** Larger ones are rare, and would need much memory for their message. */
const inputBytesMax = 256 * 1024;
/** Decimal digits that a double holds for certain. */
const exactDigits = 15;

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openingBracket = 0x5b;
const backslash = 0x5c;
const closingBracket = 0x5d;
const letterN = 0x6e;
const letterT = 0x74;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

const metadataType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** What is read here is another form of JSON than the stored one, or needs the encoder. */
class NotTranscodable extends Error {}

export class ProtobufTranscoder {
  readonly #encoder: ProtobufEncoder;
  readonly #plans: Plans;
  readonly #fields = new Map<string, FieldsByName>();
  readonly #out = new MessageBuffer();
  #in: Uint8Array = new Uint8Array();
  #at = 0;
  #resourceVersion = '';
  #lastTime = { text: '', seconds: 0, nanos: 0 };

  constructor(schema: Schema) {
    this.#encoder = new ProtobufEncoder(schema);
    this.#plans = new Plans(schema);
  }

  /** The bare message of a stored object, with the version that is not stored. The caller's own bytes. */
  object(typeName: string, stored: Uint8Array, resourceVersion: string): Uint8Array {
    return (
      this.#transcoded(stored, 0, resourceVersion, this.#fieldsOf(typeName)) ??
      this.#encoder.encode(typeName, withVersion(stored, resourceVersion))
    );
  }

  /** The bare ObjectMeta that begins with the brace at `from`. */
  metadata(stored: Uint8Array, from: number, resourceVersion: string): Uint8Array {
    return (
      this.#transcoded(stored, from, resourceVersion, this.#fieldsOf(metadataType), true) ??
      this.#encoder.encode(metadataType, withVersion(stored, resourceVersion).metadata as JsonObject)
    );
  }

  /** Undefined: for the encoder. */
  #transcoded(
    stored: Uint8Array,
    from: number,
    resourceVersion: string,
    fields: FieldsByName,
    isMetadata = false,
  ): Uint8Array | undefined {
    if (stored.length > inputBytesMax) return undefined;
    this.#in = stored;
    this.#at = from;
    this.#resourceVersion = resourceVersion;
    this.#out.begin(stored.length);
    try {
      if (isMetadata) this.#writeVersion();
      this.#message(fields, !isMetadata);
      return this.#out.copy();
    } catch (error) {
      if (error instanceof NotTranscodable) return undefined;
      throw error;
    }
  }

  #fieldsOf(typeName: string): FieldsByName {
    let fields = this.#fields.get(typeName);
    if (!fields) {
      fields = new FieldsByName(this.#plans.of(typeName));
      this.#fields.set(typeName, fields);
    }
    return fields;
  }

  #message(fields: FieldsByName, isRoot = false): void {
    this.#expect(openingBrace);
    if (this.#skipIf(closingBrace)) return;
    do {
      const field = this.#key(fields);
      if (!field || this.#in[this.#at] === letterN) this.#skipValue();
      else if (isRoot && field.name === 'metadata') this.#objectMetadata(field);
      else this.#field(field);
    } while (this.#skipIf(comma));
    this.#expect(closingBrace);
  }

  #objectMetadata({ number }: NamedField): void {
    const body = this.#out.open(number);
    this.#writeVersion();
    this.#message(this.#fieldsOf(metadataType));
    this.#out.close(body);
  }

  #writeVersion(): void {
    this.#out.text(this.#fieldsOf(metadataType).versionNumber, this.#resourceVersion);
  }

  /** The field of a key, behind its colon; undefined where the message has none. */
  #key(fields: FieldsByName): NamedField | undefined {
    this.#expect(quote);
    const input = this.#in;
    const from = this.#at;
    let hash = 0;
    let at = from;
    for (let byte = input[at]; byte !== quote; byte = input[++at]) {
      if (byte === undefined || byte === backslash) throw new NotTranscodable();
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    this.#at = at + 1;
    this.#expect(colon);
    return fields.find(hash, input, from, at);
  }

  #field({ within, number, type }: NamedField): void {
    const bodies = within.length > 0 ? within.map((outer) => this.#out.open(outer)) : undefined;
    this.#value(number, type);
    if (bodies) for (const body of bodies.reverse()) this.#out.close(body);
  }

  #value(number: number, ref: PlanRef): void {
    switch (ref.kind) {
      case 'list':
        this.#list(number, ref.of);
        break;
      case 'map':
        this.#map(number, ref.of);
        break;
      case 'object': {
        const body = this.#out.open(number);
        if (!this.#skipNull()) this.#message(this.#fieldsOf(ref.name));
        this.#out.close(body);
        break;
      }
      case 'union':
        throw new NotTranscodable();
      default:
        this.#scalar(number, ref.kind);
    }
  }

  #list(number: number, itemType: PlanRef): void {
    this.#expect(openingBracket);
    if (this.#skipIf(closingBracket)) return;
    do this.#value(number, itemType);
    while (this.#skipIf(comma));
    this.#expect(closingBracket);
  }

  #map(number: number, valueType: PlanRef): void {
    this.#expect(openingBrace);
    if (this.#skipIf(closingBrace)) return;
    do {
      const body = this.#out.open(number);
      this.#string(1);
      this.#expect(colon);
      if (isWrappedList(valueType)) {
        const list = this.#out.open(2);
        if (!this.#skipNull()) this.#value(1, valueType);
        this.#out.close(list);
      } else this.#value(2, valueType);
      this.#out.close(body);
    } while (this.#skipIf(comma));
    this.#expect(closingBrace);
  }

  #scalar(number: number, kind: PlanRef['kind']): void {
    const out = this.#out;
    switch (kind) {
      case 'boolean':
        out.tag(number, varint);
        out.byte(this.#boolean() ? 1 : 0);
        break;
      case 'int32':
      case 'int64':
        out.tag(number, varint);
        this.#integer();
        break;
      case 'double':
        out.tag(number, fixed64);
        out.double(this.#number());
        break;
      case 'bytes':
        out.base64(number, this.#asciiText());
        break;
      case 'duration':
        throw new NotTranscodable();
      case 'quantity':
      case 'time':
      case 'microTime':
      case 'intOrString':
      case 'any':
        this.#wrapped(number, kind);
        break;
      default:
        this.#string(number);
    }
  }

  /** What is a string, a number or anything else in JSON, and a message in protobuf. */
  #wrapped(number: number, kind: 'quantity' | 'time' | 'microTime' | 'intOrString' | 'any'): void {
    const body = this.#out.open(number);
    if (kind === 'quantity') this.#string(1);
    else if (kind === 'intOrString') this.#intOrString();
    else if (kind === 'any') this.#raw(1);
    else if (!this.#skipNull()) this.#time();
    this.#out.close(body);
  }

  #string(number: number): void {
    const input = this.#in;
    const from = this.#at;
    if (input[from] !== quote) throw new NotTranscodable();
    const end = this.#out.quoted(number, input, from + 1);
    if (end !== undefined) this.#at = end;
    else this.#out.text(number, this.#escapedText());
  }

  #escapedText(): string {
    return JSON.parse(this.#valueText());
  }

  /** Of a string that has neither escapes nor anything beyond ASCII. */
  #asciiText(): string {
    return this.#valueText().slice(1, -1);
  }

  #valueText(): string {
    const from = this.#at;
    this.#skipValue();
    return asBuffer(this.#in).toString('utf8', from, this.#at);
  }

  #boolean(): boolean {
    const is = this.#in[this.#at] === letterT;
    this.#skipValue();
    return is;
  }

  #integer(): void {
    const input = this.#in;
    const from = this.#at;
    let at = input[from] === minus ? from + 1 : from;
    const digitsFrom = at;
    let value = 0;
    for (let byte = input[at]!; byte >= zero && byte <= nine; byte = input[++at]!) {
      value = value * 10 + byte - zero;
    }
    this.#at = at;
    const next = input[at];
    if (at === digitsFrom || (next !== comma && next !== closingBrace && next !== closingBracket)) {
      throw new NotTranscodable();
    }
    if (digitsFrom === from && at - from <= exactDigits) this.#out.varint(value);
    else this.#out.wideVarint(BigInt(asBuffer(input).toString('latin1', from, at)));
  }

  #number(): number {
    return Number(this.#valueText());
  }

  #time(): void {
    const text = this.#asciiText();
    if (text !== this.#lastTime.text) {
      const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
      this.#lastTime = {
        text,
        seconds: secondsOf(text),
        nanos: Number(fraction.padEnd(9, '0').slice(0, 9)),
      };
    }
    const { seconds, nanos } = this.#lastTime;
    this.#out.tag(1, varint);
    this.#out.integer(seconds);
    this.#out.tag(2, varint);
    this.#out.integer(nanos);
  }

  #intOrString(): void {
    const out = this.#out;
    const isText = this.#in[this.#at] === quote;
    out.tag(1, varint);
    out.byte(isText ? 1 : 0);
    out.tag(2, varint);
    if (isText) out.byte(0);
    else this.#integer();
    if (isText) this.#string(3);
    else out.text(3, '');
  }

  /** The value as it is written. */
  #raw(number: number): void {
    const from = this.#at;
    this.#skipValue();
    this.#out.bytes(number, this.#in, from, this.#at);
  }

  #expect(byte: number): void {
    if (this.#in[this.#at++] !== byte) throw new NotTranscodable();
  }

  #skipIf(byte: number): boolean {
    if (this.#in[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #skipNull(): boolean {
    if (this.#in[this.#at] !== letterN) return false;
    this.#at += 'null'.length;
    return true;
  }

  #skipValue(): void {
    const input = this.#in;
    let at = this.#at;
    let depth = 0;
    do {
      const byte = input[at++];
      if (byte === quote) at = endOfString(input, at);
      else if (byte === openingBrace || byte === openingBracket) depth++;
      else if (byte === closingBrace || byte === closingBracket) depth--;
      else if (depth === 0) {
        // A number, true, false or null.
        while (at < input.length && !endsScalar(input[at]!)) at++;
      }
      if (at > input.length) throw new NotTranscodable();
    } while (depth > 0);
    this.#at = at;
  }
}

function endOfString(input: Uint8Array, from: number): number {
  let at = from;
  for (let byte = input[at]; byte !== quote; byte = input[at]) {
    if (byte === undefined) throw new NotTranscodable();
    at += byte === backslash ? 2 : 1;
  }
  return at + 1;
}

function endsScalar(byte: number): boolean {
  return byte === comma || byte === closingBrace || byte === closingBracket;
}

function withVersion(stored: Uint8Array, resourceVersion: string): JsonObject {
  const object = parseJson(stored) as JsonObject;
  return { ...object, metadata: { ...(object['metadata'] as JsonObject), resourceVersion } };
}
