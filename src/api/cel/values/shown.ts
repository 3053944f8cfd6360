/** Values as upstream's messages print them. */

import { ListValue } from './list.ts';
import { MapValue } from './map.ts';
import { decimalText } from './time.ts';
import { Double, isError, Uint, type Value } from './value.ts';

/** As Go's `%v` prints a value of CEL, as in `no such key: name`. */
export function shownValue(value: Value): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Double) return goDouble(value.value);
  if (value instanceof Uint) return String(value.value);
  if (isError(value)) return value.message;
  if (value instanceof ListValue) return `[${value.values().map(shownValue).join(', ')}]`;
  if (value instanceof MapValue) {
    const entries = value.keys().map((key) => `${shownValue(key)}: ${shownValue(value.find(key) ?? null)}`);
    return `{${entries.join(', ')}}`;
  }
  return String(value);
}

/** As Go's `%v` prints a double, with an exponent below 10⁻⁴ and from 10⁶. */
export function goDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return exponentText(value.toExponential());
  return decimalText(value);
}

/** At least two digits of exponent. */
export const exponentText = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2');
