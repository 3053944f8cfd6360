/** A whole number in a query, as Go reads it: what is none is refused, an empty text too. */

import { badRequest } from '#api/status.ts';
import { goQuoted } from '#wire/go-values.ts';

const int64Max = 2n ** 63n;

/** Undefined when it is not given. */
export function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const say = (why: string) => badRequest(`strconv.ParseInt: parsing ${goQuoted(text)}: ${why}`);
  if (!/^[-+]?\d+$/.test(text)) throw say('invalid syntax');
  if (text.length > 18 && (BigInt(text) >= int64Max || BigInt(text) < -int64Max))
    throw say('value out of range');
  return Number(text);
}
