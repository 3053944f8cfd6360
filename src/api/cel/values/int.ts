/** Arithmetic of int64 and uint64 with upstream's overflow errors. Ints beyond 2⁵³ are `bigint`, all others `number`. */

import { ErrorValue, Uint } from './value.ts';

export type Int = number | bigint;

export const int64Min = -(2n ** 63n);
export const int64Max = 2n ** 63n - 1n;
export const uint64Max = 2n ** 64n - 1n;

const overflow = new ErrorValue('integer overflow');
const unsignedOverflow = new ErrorValue('unsigned integer overflow');
const divisionByZero = new ErrorValue('division by zero');
const modulusByZero = new ErrorValue('modulus by zero');

/** The int of this value, which has to be in the range of int64. */
export function intOf(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export const checkedInt = (value: bigint): Int | ErrorValue =>
  value < int64Min || value > int64Max ? overflow : intOf(value);

export const checkedUint = (value: bigint): Uint | ErrorValue =>
  value < 0n || value > uint64Max ? unsignedOverflow : new Uint(value);

export function addInts(a: Int, b: Int): Int | ErrorValue {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checkedInt(BigInt(a) + BigInt(b));
}

export function subtractInts(a: Int, b: Int): Int | ErrorValue {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checkedInt(BigInt(a) - BigInt(b));
}

export function multiplyInts(a: Int, b: Int): Int | ErrorValue {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // `+ 0` makes 0 of -0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return checkedInt(BigInt(a) * BigInt(b));
}

export function divideInts(a: Int, b: Int): Int | ErrorValue {
  if (b === 0) return divisionByZero;
  if (typeof a === 'number' && typeof b === 'number') return (a - (a % b)) / b + 0;
  return checkedInt(BigInt(a) / BigInt(b));
}

export function moduloInts(a: Int, b: Int): Int | ErrorValue {
  if (b === 0) return modulusByZero;
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  if (BigInt(a) === int64Min && b === -1) return overflow;
  return checkedInt(BigInt(a) % BigInt(b));
}

export const negateInt = (a: Int): Int | ErrorValue => (typeof a === 'number' ? 0 - a : checkedInt(-a));

export const addUints = (a: Uint, b: Uint) => checkedUint(a.value + b.value);
export const subtractUints = (a: Uint, b: Uint) => checkedUint(a.value - b.value);
export const multiplyUints = (a: Uint, b: Uint) => checkedUint(a.value * b.value);

export const divideUints = (a: Uint, b: Uint): Uint | ErrorValue =>
  b.value === 0n ? divisionByZero : new Uint(a.value / b.value);

export const moduloUints = (a: Uint, b: Uint): Uint | ErrorValue =>
  b.value === 0n ? modulusByZero : new Uint(a.value % b.value);

/** A double cut to an int; the bounds of int64 themselves are out of range, as in cel-go. */
export function intOfDouble(value: number): Int | ErrorValue {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) return overflow;
  return intOf(BigInt(Math.trunc(value)));
}

export function uintOfDouble(value: number): Uint | ErrorValue {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) return unsignedOverflow;
  return new Uint(BigInt(Math.trunc(value)));
}
