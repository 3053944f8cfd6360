/** What Go's decoder makes of texts that are no Unicode: each half of a surrogate pair becomes U+FFFD. */

import { isJsonObject } from './value.ts';

const surrogateEscape = Buffer.from('\\u');

/** `value` as it was parsed from `bytes`; changed only where an escape can have made a lone surrogate. */
export function wellFormed(value: unknown, bytes: Buffer): unknown {
  return bytes.includes(surrogateEscape) && /\\u[dD][89a-fA-F]/.test(bytes.toString('latin1'))
    ? wellFormedValue(value)
    : value;
}

function wellFormedValue(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormedValue);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormedValue(item)]),
  );
}
