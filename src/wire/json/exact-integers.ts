/**
 * JSON whose integers of 64 bits keep their value, as Go's decoders of untyped objects keep them: one that a double
 * does not hold is a bigint, which is written with all its digits.
 */

import { isLossy, longRun } from './lossy-integers.ts';

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/** Throws a SyntaxError for invalid JSON. A text without a long run of digits costs no more than `JSON.parse`. */
export function parseExactly(text: string): unknown {
  return longRun.test(text) ? JSON.parse(text, keepDigits as Reviver) : JSON.parse(text);
}

function keepDigits(_key: string, value: unknown, { source = '' }: { source?: string }): unknown {
  if (typeof value !== 'number' || !isLossy(source)) return value;
  writeBigints();
  return BigInt(source);
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
