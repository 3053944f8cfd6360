/**
 * A protobuf message while it is written, in memory that serves one message after the other. The length of a nested
 * message stands before it and is known only behind it: one byte is left for it, and a longer message moves up.
 */

import { lengthDelimited } from './wire.ts';

/** No JSON makes a message that is longer by a larger factor: a list of small negative numbers is the worst. */
const growthMax = 6;
const roomMin = 256;
const quote = 0x22;
const backslash = 0x5c;

export class MessageBuffer {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #end = 0;

  /** A new message, of at most so many bytes of JSON. */
  begin(jsonBytes: number): void {
    this.#end = 0;
    const room = roomMin + growthMax * jsonBytes;
    if (this.#bytes.length < room) this.#bytes = Buffer.allocUnsafeSlow(2 * room);
  }

  copy(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.#end);
    this.#bytes.copy(bytes, 0, 0, this.#end);
    return bytes;
  }

  byte(value: number): void {
    this.#bytes[this.#end++] = value;
  }

  tag(number: number, wireType: number): void {
    this.varint((number << 3) | wireType);
  }

  /** Of what is not negative and at most what a double holds. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#end++] = rest;
  }

  integer(value: number): void {
    if (value >= 0) this.varint(value);
    else this.wideVarint(BigInt(value));
  }

  wideVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#end++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#end++] = Number(rest);
  }

  double(value: number): void {
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
  }

  /** Returns where the body of the nested message begins, for `close`. */
  open(number: number): number {
    this.varint((number << 3) | lengthDelimited);
    return ++this.#end;
  }

  close(body: number): void {
    const length = this.#end - body;
    if (length <= 0x7f) {
      this.#bytes[body - 1] = length;
      return;
    }
    const more = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : 3;
    this.#bytes.copyWithin(body + more, body, this.#end);
    this.#end = body - 1;
    this.varint(length);
    this.#end += length;
  }

  text(number: number, text: string): void {
    const body = this.open(number);
    this.#end += this.#bytes.write(text, body);
    this.close(body);
  }

  base64(number: number, text: string): void {
    const body = this.open(number);
    this.#end += this.#bytes.write(text, body, 'base64');
    this.close(body);
  }

  bytes(number: number, from: Uint8Array, start: number, end: number): void {
    const body = this.open(number);
    this.#bytes.set(from.subarray(start, end), body);
    this.#end += end - start;
    this.close(body);
  }

  /**
   * The string of JSON whose text begins at `from`. Returns the place behind its closing quote, or nothing, and has
   * written nothing, where it has escapes.
   */
  quoted(number: number, input: Uint8Array, from: number): number | undefined {
    const start = this.#end;
    const body = this.open(number);
    const bytes = this.#bytes;
    let end = body;
    let at = from;
    for (let byte = input[at]!; byte !== quote; byte = input[++at]!) {
      if (byte === backslash || at >= input.length) {
        this.#end = start;
        return undefined;
      }
      bytes[end++] = byte;
    }
    this.#end = end;
    this.close(body);
    return at + 1;
  }
}
