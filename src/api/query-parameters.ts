/** Query parameters of options (ListOptions, PodLogOptions ...) as apimachinery converts them. The first value of a name counts. */

import { badRequest } from './status.ts';

/** Given is true, unless the value says false or 0. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** Undefined when not given. Throws a 400 in the words of strconv for what is no 64-bit integer. */
export function integerOf(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const refused = (why: string) => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refused('invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  if (BigInt.asIntN(64, value) !== value) throw refused('value out of range');
  return value;
}
