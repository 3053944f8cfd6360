/** Parts of protobuf's wire format that the library leaves to its caller: tags, and nested messages. */

import type protobuf from 'protobufjs/minimal.js';
import { LimitExceeded } from '#wire/json/values-limit.ts';
import { DecodeError } from '../schema/decode-error.ts';

export type Writer = protobuf.Writer;
export type Reader = protobuf.Reader;

export const varint = 0;
export const fixed64 = 1;
export const lengthDelimited = 2;

/** Of 32 bits. */
const lengthBytesMax = 5;

export function writeTag(writer: Writer, field: number, wireType: number): Writer {
  return writer.uint32((field << 3) | wireType);
}

export function writeText(writer: Writer, field: number, text: string): void {
  writeTag(writer, field, lengthDelimited).string(text);
}

/** How long tag and length of a message of `length` bytes are, in a field with a number below 16. */
export function headLength(length: number): number {
  let bytes = 2;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}

/** Writes tag and length of a message of `length` bytes. Returns the offset behind them. */
export function writeHead(target: Uint8Array, offset: number, field: number, length: number): number {
  target[offset] = (field << 3) | lengthDelimited;
  let end = offset + 1;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) target[end++] = (rest & 0x7f) | 0x80;
  target[end++] = rest;
  return end;
}

/** A message as a field: what `write` writes, behind its length. */
export function writeNested(writer: Writer, field: number, write: () => void): void {
  writeTag(writer, field, lengthDelimited).fork();
  write();
  writer.ldelim();
}

/** Throws the problem with the bytes, in words near Go's; any other error is rethrown. */
export function refuseWire(error: unknown): never {
  if (!(error instanceof Error) || error instanceof TypeError) throw error;
  if (error instanceof DecodeError || error instanceof LimitExceeded) throw error;
  const tag = /^illegal tag: field number (\d+)/.exec(error.message)?.[1];
  if (tag !== undefined) throw new DecodeError(`proto: illegal tag ${tag}`);
  const wireType = /^invalid wire type (\d+)/.exec(error.message)?.[1];
  if (wireType !== undefined) throw new DecodeError(`proto: illegal wireType ${wireType}`);
  throw new DecodeError('proto: unexpected EOF');
}

/** End of a length-prefixed message that begins here. Throws a RangeError if it is beyond the bytes. */
export function nestedEnd(reader: Reader): number {
  const start = reader.pos;
  const length = reader.uint32();
  // The reader keeps the low 32 bits of a length of more bytes.
  const isHuge = reader.pos - start > lengthBytesMax;
  const end = reader.pos + length;
  if (isHuge || end > reader.len) throw new RangeError('message too short');
  return end;
}
