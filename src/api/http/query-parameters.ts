/**
 * Query parameters of options (ListOptions, PodLogOptions ...) as apimachinery converts them. The first value
 * of a parameter counts.
 */

import { parseInt64, strconvError } from '../go/integers.ts';
import { badRequest } from '../meta/status.ts';

/** True when present, unless the value is `false`, in any case, or `0`. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/**
 * Undefined when absent. Throws a 400 with strconv's message unless the value is a 64-bit integer; an empty
 * value throws too.
 */
export function integerOf(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = parseInt64(text);
  if (typeof value === 'string') {
    throw badRequest(strconvError('ParseInt', text, value));
  }
  return value;
}

/** The same, to the precision of a number. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = integerOf(query, name);
  return value === undefined ? undefined : Number(value);
}
