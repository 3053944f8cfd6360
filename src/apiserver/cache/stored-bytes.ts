/**
 * Stored values as clients see them: the revision is spliced into the bytes while they are copied, so that
 * reading never has to parse.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import { metadataOffset, parseJson, spliceOffset } from '#wire/json/canonical.ts';

const quote = 0x22;
const zero = 0x30;
const comma = 0x2c;
const backslash = 0x5c;
const openingBrace = 0x7b;
const closingBrace = 0x7d;
const revisionOpening = Buffer.from('"resourceVersion":"');
const itemOpening = Buffer.from('{"metadata":{');
/** Room for the digits of any safe integer and their field. */
const revisionRoom = 40;

/** The bytes a client gets for a stored value that was written at `revision`. */
export function spliceRevision(stored: Uint8Array, revision: number): Uint8Array {
  const at = spliceOffset(stored);
  const bytes = Buffer.allocUnsafe(splicedLengthMax(stored));
  const end = asBuffer(stored).copy(bytes, 0, 0, at);
  return bytes.subarray(0, writeRest(bytes, end, stored, at, revision));
}

/** No more bytes than this are needed to splice this value. */
export function splicedLengthMax(stored: Uint8Array): number {
  return stored.length + revisionRoom;
}

/**
 * Writes the object as an item of a typed list, which carries no kind and apiVersion of its own. Returns the
 * offset behind it.
 */
export function spliceItem(target: Buffer, offset: number, stored: Uint8Array, revision: number): number {
  target.set(itemOpening, offset);
  return writeRest(target, offset + itemOpening.length, stored, spliceOffset(stored), revision);
}

/** Writes the object with kind and apiVersion, as lists of custom objects have them. */
export function spliceWhole(target: Buffer, offset: number, stored: Uint8Array, revision: number): number {
  const at = spliceOffset(stored);
  const end = offset + asBuffer(stored).copy(target, offset, 0, at);
  return writeRest(target, end, stored, at, revision);
}

/** The metadata alone of a stored value, from brace to brace, with its revision. */
export function spliceMetadata(stored: Uint8Array, revision: number): Uint8Array {
  const at = spliceOffset(stored);
  const end = endOfObject(stored, at);
  const bytes = Buffer.allocUnsafe(1 + end - at + revisionRoom);
  bytes[0] = openingBrace;
  return bytes.subarray(0, writeRest(bytes, 1, stored.subarray(0, end), at, revision));
}

/** The metadata of an object as a client gets it, from brace to brace; undefined for bytes that do not have it first. */
export function metadataOf(bytes: Uint8Array): Uint8Array | undefined {
  const at = metadataOffset(bytes);
  return at === undefined ? undefined : bytes.subarray(at, endOfObject(bytes, at + 1));
}

/** The offset behind the brace that closes the object whose fields begin at `from`. */
function endOfObject(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let depth = 1; depth > 0 && at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === openingBrace) depth++;
    else if (byte === closingBrace) depth--;
    else if (byte === quote) at = closingQuote(bytes, at + 1);
  }
  return at;
}

function closingQuote(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

/** The revision, and what is stored from `at`. Returns the offset behind it. */
function writeRest(target: Buffer, offset: number, stored: Uint8Array, at: number, revision: number): number {
  target.set(revisionOpening, offset);
  let end = writeDigits(target, offset + revisionOpening.length, revision);
  target[end++] = quote;
  if (stored[at] !== closingBrace) target[end++] = comma;
  return end + asBuffer(stored).copy(target, end, at);
}

/** Digit by digit: a call of `write` for so few takes longer than all copying beside it. */
function writeDigits(target: Buffer, offset: number, value: number): number {
  let end = offset + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  let rest = value;
  for (let i = end - 1; i >= offset; i--) {
    target[i] = zero + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

export function parseBytes(bytes: Uint8Array): AnyObject {
  return parseJson(bytes) as AnyObject;
}
