/** The order of values: -1, 0 or 1, or why there is none. Numbers of different types are compared as numbers. */

import { compareBytes } from './bytes.ts';
import { compareText } from './text.ts';
import { Duration, Timestamp } from './time.ts';
import { Double, ErrorValue, isBytes, isInt, noSuchOverload, Uint, type Value } from './value.ts';

const notANumber = new ErrorValue('NaN values cannot be ordered');

export function compareValues(a: Value, b: Value): number | ErrorValue {
  if (isNumeric(a)) return isNumeric(b) ? compareNumbers(a, b) : noSuchOverload;
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : noSuchOverload;
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : noSuchOverload;
  if (isBytes(a)) return isBytes(b) ? compareBytes(a, b) : noSuchOverload;
  if (a instanceof Timestamp) {
    return b instanceof Timestamp ? compareExact(a.nanoseconds, b.nanoseconds) : noSuchOverload;
  }
  if (a instanceof Duration) {
    return b instanceof Duration ? compareExact(a.nanoseconds, b.nanoseconds) : noSuchOverload;
  }
  return noSuchOverload;
}

/** Whether values of this type have an order at all. */
export const isComparable = (value: Value): boolean =>
  isNumeric(value) ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  isBytes(value) ||
  value instanceof Timestamp ||
  value instanceof Duration;

export type Numeric = number | bigint | Uint | Double;

export const isNumeric = (value: Value): value is Numeric =>
  isInt(value) || value instanceof Double || value instanceof Uint;

export function compareNumbers(a: Numeric, b: Numeric): number | ErrorValue {
  if (a instanceof Double || b instanceof Double) return compareDoubles(plain(a), plain(b));
  return compareExact(plain(a), plain(b));
}

const plain = (value: Numeric): number | bigint => (typeof value === 'object' ? value.value : value);

/** An int beyond 2⁵³ is rounded to a double first, as in cel-go. */
function compareDoubles(a: number | bigint, b: number | bigint): number | ErrorValue {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return notANumber;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** JavaScript compares a number and a bigint exactly. */
const compareExact = (a: number | bigint, b: number | bigint) => (a < b ? -1 : a > b ? 1 : 0);
