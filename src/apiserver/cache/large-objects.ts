/**
 * Keeps large parsed objects for as long as they are the ones used last: a policy, a quota or a FlowSchema of a
 * megabyte is read by every write, and takes 20 ms to parse after each garbage collection. Small ones are parsed again.
 */

import type { AnyObject } from '#api/meta/object.ts';

/** An object of fewer stored bytes is parsed in less than a millisecond. */
export const largeBytesMin = 64 * 1024;
/** Of stored bytes; an object takes several times as much. */
const keptBytesMax = 8 * 1024 * 1024;

/** By stored bytes; the one used last comes last. */
const kept = new Map<Uint8Array, AnyObject>();
let keptBytes = 0;

export function keepLarge(stored: Uint8Array, object: AnyObject): void {
  if (kept.delete(stored)) keptBytes -= stored.length;
  kept.set(stored, object);
  keptBytes += stored.length;
  for (const bytes of kept.keys()) {
    if (keptBytes <= keptBytesMax) return;
    kept.delete(bytes);
    keptBytes -= bytes.length;
  }
}
