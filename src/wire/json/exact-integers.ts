/**
 * JSON whose integers of 64 bits keep their value, as Go's decoders of untyped objects keep them: one that a double
 * does not hold is a bigint, which is written with all its digits.
 */

import { isLossy, longRun } from './lossy-integers.ts';
import { mark } from './mark.ts';
import type { JsonObject } from './value.ts';

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/**
 * Throws a SyntaxError for invalid JSON, and for a number that Go has no value for. A text without long numbers costs no
 * more than `JSON.parse`.
 */
export function parseExactly(text: string): unknown {
  const value: unknown = longRun.test(text) ? parseMarked(text) : JSON.parse(text);
  if (mayBeHuge.test(text)) refuseHuge(text);
  return value;
}

/** What a number beyond all doubles has in its text: `JSON.parse` makes it infinite, which would be stored as null. */
const mayBeHuge = /\d[eE]\+?\d{3}|\d{309}/;
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;

function refuseHuge(json: string): void {
  for (const [found] of json.matchAll(textOrNumber)) {
    if (found.startsWith('"') || Number.isFinite(Number(found))) continue;
    throw new SyntaxError(`json: cannot unmarshal number ${found} into Go value of type float64`);
  }
}

/** The mark stands before the digits of an integer that is parsed as a text. */
const mayHaveMark = /\uE000|\\u[eE]000/;
/** A text, which is left as it is, or an integer of many digits. */
const textOrInteger = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?[1-9]\d{15,19}(?![\d.eE]|\s*:)/gs;

/**
 * The integers are parsed as texts and put back afterwards: `JSON.parse` with a function for each value takes five times
 * as long.
 */
function parseMarked(text: string): unknown {
  if (mayHaveMark.test(text)) return JSON.parse(text, keepDigits as Reviver);
  // Only in valid JSON each text has an end: the search for it would take square time.
  const rounded: unknown = JSON.parse(text);
  let isMarked = false;
  const marked = text.replace(textOrInteger, (found) => {
    if (found.startsWith('"') || !isLossy(found)) return found;
    isMarked = true;
    return `"${mark}${found}"`;
  });
  if (!isMarked) return rounded;
  writeBigints();
  return withBigints(JSON.parse(marked));
}

function keepDigits(_key: string, value: unknown, { source = '' }: { source?: string }): unknown {
  if (typeof value !== 'number' || !isLossy(source)) return value;
  writeBigints();
  return BigInt(source);
}

/** In place. */
function withBigints(value: unknown): unknown {
  if (typeof value === 'string') return value[0] === mark ? BigInt(value.slice(1)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = withBigints(value[i]);
  } else {
    for (const key in value) (value as JsonObject)[key] = withBigints((value as JsonObject)[key]);
  }
  return value;
}

let written = 0;

/** How many bigints have been written so far. */
export function bigintsWritten(): number {
  return written;
}

/** From now on `JSON.stringify` writes a bigint as its digits, in place of throwing. */
function writeBigints(): void {
  if (Object.hasOwn(BigInt.prototype, 'toJSON')) return;
  Object.defineProperty(BigInt.prototype, 'toJSON', { value: digitsOf });
}

function digitsOf(this: bigint): unknown {
  written++;
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(this));
}
