/**
 * JSON whose integers of 64 bits keep their digits, as Go's decoders of untyped objects keep them: one that a double would
 * write with other digits is a bigint. So the same digits are always the same value, also where no bigint is made.
 */

import { mark } from './mark.ts';
import type { JsonObject } from './value.ts';

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/**
 * Throws a SyntaxError for invalid JSON, and for a number that Go has no value for. A text without long numbers costs
 * little more than `JSON.parse`.
 */
export function parseExactly(text: string): unknown {
  const value = parseIntegersExactly(text);
  const huge = hugeNumberIn(text);
  if (huge !== undefined) throw new SyntaxError(noFloat(huge));
  return value;
}

/** As `parseExactly`, but numbers beyond all doubles are infinite. */
export function parseIntegersExactly(text: string): unknown {
  return longRun.test(text) ? parseMarked(text) : JSON.parse(text);
}

/** Go's words for a number that no double holds. */
export function noFloat(written: string): string {
  return `json: cannot unmarshal number ${written} into Go value of type float64`;
}

/**
 * What a number beyond all doubles has in its text: an exponent of three digits, or an integer that makes up for one of two.
 * `JSON.parse` makes it infinite, which would be stored as null. Digits are counted from the first of a run.
 */
const mayBeHuge = /(?<=\d)[eE]\+?\d{3}|(?<!\d)\d{210}/;
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;

function hugeNumberIn(json: string): string | undefined {
  if (!mayBeHuge.test(json)) return undefined;
  for (const [found] of json.matchAll(textOrNumber)) {
    if (!found.startsWith('"') && !Number.isFinite(Number(found))) return found;
  }
  return undefined;
}

/** Shorter integers are exact doubles. */
const longRun = /(?<!\d)\d{16}/;
const longInteger = /^-?\d{16,20}$/;
/** Go reads what is beyond as a double itself. */
const int64Limit = 2n ** 63n;

/** The value of the digits of an integer in base ten; of another number, a double. */
export function exactInteger(written: string): number | bigint {
  const rounded = Number(written);
  if (String(rounded) === written || !longInteger.test(written)) return rounded;
  const exact = BigInt(written);
  return exact < int64Limit && exact >= -int64Limit ? exact : rounded;
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
    if (found.startsWith('"') || typeof exactInteger(found) === 'number') return found;
    isMarked = true;
    return `"${mark}${found}"`;
  });
  return isMarked ? withBigints(JSON.parse(marked)) : rounded;
}

function keepDigits(_key: string, value: unknown, { source = '' }: { source?: string }): unknown {
  return typeof value === 'number' ? exactInteger(source) : value;
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

/** `JSON.stringify` writes a bigint as its digits, in place of throwing. */
Object.defineProperty(BigInt.prototype, 'toJSON', { value: digitsOf, configurable: true });

function digitsOf(this: bigint): unknown {
  written++;
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(this));
}

/** A number beyond all doubles in what has no type, if there is one. */
export function infiniteIn(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const key in value) {
    const found = infiniteIn((value as JsonObject)[key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
