/**
 * Of how many parts a text of JSON is made, counted without parsing it: what a megabyte costs to parse and to walk depends on them, and
 * most of all on keys that differ, which V8 keeps a table or a hidden class for.
 */

/** An object that can be stored, of 1.5 MiB, has fewer, unless it was made to have many. */
export const keysMax = 32_768;
export const valuesMax = 250_000;

/** What is shorter has no room for so many: it is not looked at. */
const longBytesMin = 4 * keysMax;

const tableBits = 20;
const fnvBasis = 0x811c9dc5 | 0;
const fnvPrime = 0x01000193;
/** Which hashes of keys were seen: of so many keys, one or two in a hundred share one and count once. */
let seen: Uint8Array | undefined;

/** What the text, which need not be valid, has too many of. */
export function tooManyParts(json: Uint8Array): string | undefined {
  if (json.length < longBytesMin) return undefined;
  seen ??= new Uint8Array(1 << tableBits);
  seen.fill(0);
  let keys = 0;
  let values = 1;
  let hash = fnvBasis;
  for (let at = 0; at < json.length; at++) {
    const sign = json[at]!;
    if (sign === 0x22) {
      hash = fnvBasis;
      for (at++; at < json.length && json[at] !== 0x22; at++) {
        hash = Math.imul(hash ^ json[at]!, fnvPrime);
        // What is escaped may be the quotes.
        if (json[at] === 0x5c) hash = Math.imul(hash ^ (json[++at] ?? 0), fnvPrime);
      }
    } else if (sign === 0x3a) {
      const place = Math.imul(hash, 0x9e3779b1) >>> (32 - tableBits);
      if (seen[place] === 0) {
        seen[place] = 1;
        if (++keys > keysMax) return tooManyKeys;
      }
    } else if (sign === 0x2c || sign === 0x5b || sign === 0x7b) {
      if (++values > valuesMax) return tooManyValues;
    }
  }
  return undefined;
}

export const tooManyKeys = `more than ${keysMax} different keys`;
export const tooManyValues = `more than ${valuesMax} values`;

/** For readers of other forms, which count as they read. */
export class TooManyParts extends Error {
  override name = 'TooManyParts';
}
