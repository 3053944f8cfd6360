/**
 * Numbers of a JSON text that JavaScript would not write as they stand there: `1.500`, `1e3`, `9007199254740993`. `JSON.parse` loses
 * their spelling, and of long ones their value; Go's decoders see the text.
 */

import { asBuffer } from '#base/text/as-buffer.ts';
import { endOfString } from './nesting.ts';

/** What the text, which must be valid, wrote for a number that it may have written in another way than JavaScript does. */
export type OddText = (value: number) => string | undefined;

/** The text is searched when a number is asked for, which most objects have no reason to. */
export function oddNumbersIn(json: Uint8Array): OddText {
  let found: Map<number, string> | undefined;
  return (value) => {
    found ??= findOdd(json);
    return found.get(value);
  };
}

/** For what Go makes numbers of before a type is known: only the value of a long integer can be lost. */
export function inexactNumbersIn(json: Uint8Array): OddText {
  const oddText = oddNumbersIn(json);
  return (value) => (isExact(value) ? undefined : oddText(value));
}

/** Go's reader of YAML makes doubles of fractions as JavaScript does; what cannot be exact was not. */
export const oddNumbersOfYaml: OddText = (value) => (isExact(value) ? undefined : String(value));

/** Is a double that has no fraction surely the number that was written? */
export function isExact(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

function findOdd(json: Uint8Array): Map<number, string> {
  // A sign for each byte, so that places are the same.
  const text = asBuffer(json).toString('latin1');
  const found = new Map<number, string>();
  for (let at = 0; at < json.length; at++) {
    const sign = json[at]!;
    if (sign === quote) at = endOfString(json, at);
    else if (sign === minus || isDigit(sign)) {
      const end = endOfNumber(json, at);
      if (mayBeOdd(json, at, end)) add(found, text.slice(at, end));
      at = end - 1;
    }
  }
  return found;
}

/** To make text of a fraction takes long, and to find the same text for it does no harm. */
function add(found: Map<number, string>, written: string): void {
  const value = Number(written);
  if (isExact(value) || String(value) !== written) found.set(value, written);
}

const quote = 0x22;
const minus = 0x2d;
/** Of so many digits none is lost. */
const plainLengthMax = 15;

function isDigit(sign: number): boolean {
  return sign >= 0x30 && sign <= 0x39;
}

function mayBeOdd(json: Uint8Array, start: number, end: number): boolean {
  if (end - start > plainLengthMax) return true;
  for (let at = start + 1; at < end; at++) if (!isDigit(json[at]!)) return true;
  return end - start === 2 && json[start] === minus;
}

/** Digits, a point, an exponent and its sign; what comes first is known to be one. */
function endOfNumber(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && isOfNumber(json[at]!)) at++;
  return at;
}

function isOfNumber(sign: number): boolean {
  return isDigit(sign) || (sign | 0x20) === 0x65 || sign === 0x2e || sign === 0x2b || sign === minus;
}
