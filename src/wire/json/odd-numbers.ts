/**
 * Numbers of a JSON text that JavaScript would write in another way: `1.500`, `1e3`, `9007199254740993`.
 * `JSON.parse` loses their spelling, and the value of long ones; Go's decoders see the text.
 */

import { asBuffer } from '#base/text/as-buffer.ts';
import { endOfString } from './nesting.ts';

/**
 * The original text of a number, if JavaScript might write it in another way. The JSON text must be valid.
 */
export type OddText = (value: number) => string | undefined;

/** The text is scanned on the first call, which most objects never need. */
export function oddNumbersIn(json: Uint8Array): OddText {
  let found: Map<number, string> | undefined;
  return (value) => {
    found ??= findOdd(json);
    return found.get(value);
  };
}

/**
 * For fields whose numbers Go decodes before a type is known: only the value of a long integer can be lost.
 */
export function inexactNumbersIn(json: Uint8Array): OddText {
  const oddText = oddNumbersIn(json);
  return (value) => (isExact(value) ? undefined : oddText(value));
}

/** Is a double without a fraction certainly the number that was written? */
function isExact(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** Go reads no integer from a text with a fraction or an exponent, whatever its value. */
export function isIntegerText(written: string): boolean {
  return !/[.eE]/.test(written);
}

/** Most bodies have no such number, which this finds faster than the loop below; it may be in a string. */
const oddMark = /[:,[]\s*-?(?:0(?!\d)|\d+[.eE]|\d{16})/;

export function mayHaveOddNumbers(json: Uint8Array): boolean {
  return oddMark.test(asBuffer(json).toString('latin1'));
}

function findOdd(json: Uint8Array): Map<number, string> {
  // One character for each byte, so that offsets are the same.
  const text = asBuffer(json).toString('latin1');
  const found = new Map<number, string>();
  if (!oddMark.test(text)) return found;
  const plain: string[] = [];
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === quote) at = endOfString(json, at);
    else if (byte === minus || isDigit(byte)) {
      const end = endOfNumber(json, at);
      if (mayBeOdd(json, at, end)) add(found, text.slice(at, end));
      else plain.push(text.slice(at, end));
      at = end - 1;
    }
  }
  // Only the value is known of a number later: one that is also written plainly counts as plain.
  if (found.size > 0) for (const written of plain) found.delete(Number(written));
  return found;
}

/** Formatting a fraction is slow, and storing the same text does no harm. */
function add(found: Map<number, string>, written: string): void {
  const value = Number(written);
  if (isExact(value) || String(value) !== written) found.set(value, written);
}

const quote = 0x22;
const minus = 0x2d;
/** No double loses digits of an integer this short. */
const plainLengthMax = 15;

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function mayBeOdd(json: Uint8Array, start: number, end: number): boolean {
  if (end - start > plainLengthMax) return true;
  for (let at = start + 1; at < end; at++) if (!isDigit(json[at]!)) return true;
  return end - start === 2 && json[start] === minus;
}

/** Digits, a point, an exponent and its sign; the first character is known to be such a character. */
function endOfNumber(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && isOfNumber(json[at]!)) at++;
  return at;
}

function isOfNumber(byte: number): boolean {
  return isDigit(byte) || (byte | 0x20) === 0x65 || byte === 0x2e || byte === 0x2b || byte === minus;
}
