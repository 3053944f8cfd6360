/** What Go's decoder makes of texts that are no Unicode: each half of a surrogate pair becomes U+FFFD. */

import { type JsonObject, setKey } from './value.ts';

const surrogateEscape = Buffer.from('\\u');

/** `value` as it was parsed from `bytes`; changed only where an escape can have made a lone surrogate. */
export function wellFormed(value: unknown, bytes: Buffer): unknown {
  return bytes.includes(surrogateEscape) && /\\u[dD][89a-fA-F]/.test(bytes.toString('latin1'))
    ? wellFormedValue(value)
    : value;
}

/** In place; an object with a key that is not well-formed is replaced. */
function wellFormedValue(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = wellFormedValue(value[i]);
    return value;
  }
  const fields = value as JsonObject;
  let isWellFormed = true;
  for (const key in fields) {
    const item = fields[key];
    const itsForm = wellFormedValue(item);
    if (itsForm !== item) setKey(fields, key, itsForm);
    isWellFormed &&= key.isWellFormed();
  }
  if (isWellFormed) return fields;
  return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key.toWellFormed(), item]));
}
