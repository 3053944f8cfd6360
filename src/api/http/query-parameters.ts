/** Query parameters of options (ListOptions, PodLogOptions ...) as apimachinery converts them. The first value of a name counts. */

import { goQuoted } from '#wire/json/go-values.ts';
import { badRequest } from '../meta/status.ts';

const int64DigitsMax = 19;

/** True when given, unless the value is `false`, in any case, or `0`. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** Undefined when not given. Throws a 400 in the words of strconv for what is no 64-bit integer, an empty text too. */
export function integerOf(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const refused = (why: string) => badRequest(`strconv.ParseInt: parsing ${goQuoted(text)}: ${why}`);
  const [, sign, written] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  if (written === undefined) throw refused('invalid syntax');
  const digits = written.replace(/^0+(?=\d)/, '');
  if (digits.length > int64DigitsMax) throw refused('value out of range');
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (BigInt.asIntN(64, value) !== value) throw refused('value out of range');
  return value;
}

/** The same, to the precision of a number. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = integerOf(query, name);
  return value === undefined ? undefined : Number(value);
}
