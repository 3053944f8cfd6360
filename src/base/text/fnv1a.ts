/** The 32-bit FNV-1a hash of bytes, or of a text in UTF-8, as Go's `hash/fnv` computes it. */

export const fnvOffsetBasis = 0x811c9dc5;
export const fnvPrime = 0x01000193;

/** Continues the hash `from`, by default an empty one. */
export function fnv1a(data: string | Uint8Array, from = fnvOffsetBasis): number {
  let hash = from;
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, fnvPrime) >>> 0;
  return hash;
}
