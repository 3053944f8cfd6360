/**
 * Counts the keys and values of a JSON text without parsing it: they determine what parsing and walking a
 * megabyte costs, above all different keys, for which V8 keeps a dictionary or a hidden class.
 */

import { endOfString } from './nesting.ts';

/** Upstream's bound for the body of a request. */
export const bodyBytesMax = 3 * 1024 * 1024;
/** An object that can be stored, of up to 1.5 MiB, has fewer, unless it was built to have many. */
export const keysMax = 24_576;
export const valuesMax = 131_072;
/** Objects and lists cost several times as much as texts and numbers to walk, copy and compare. */
export const containersMax = 50_000;

/** A shorter text has no room for so many keys: it is not scanned. */
export const longBytesMin = 4 * keysMax;

const tableBits = 20;
const fnvBasis = 0x811c9dc5 | 0;
const fnvPrime = 0x01000193;
/** Hashes of keys seen so far: one or two keys in a hundred collide and are counted once. */
let seen: Uint8Array | undefined;

/** What the text, which may be invalid, has too many of. */
export function exceededLimit(json: Uint8Array): string | undefined {
  if (json.length < longBytesMin) return undefined;
  seen ??= new Uint8Array(1 << tableBits);
  seen.fill(0);
  let keys = 0;
  let values = 1;
  let containers = 0;
  let hash = fnvBasis;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === 0x22) {
      hash = fnvBasis;
      for (at++; at < json.length && json[at] !== 0x22; at++) {
        hash = Math.imul(hash ^ json[at]!, fnvPrime);
        // The escaped character may be a quote.
        if (json[at] === 0x5c) hash = Math.imul(hash ^ (json[++at] ?? 0), fnvPrime);
      }
    } else if (byte === 0x3a) {
      const place = Math.imul(hash, 0x9e3779b1) >>> (32 - tableBits);
      if (seen[place] === 0) {
        seen[place] = 1;
        if (++keys > keysMax) return tooManyKeys;
      }
    } else if (byte === 0x2c) {
      if (++values > valuesMax) return tooManyValues;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++values > valuesMax) return tooManyValues;
      if (++containers > containersMax) return tooManyContainers;
    }
  }
  return undefined;
}

/** What the text of a value has too many of, without writing it; its keys are not counted. */
export function exceededByValue(value: unknown): string | undefined {
  const left = { values: valuesMax - 1, containers: containersMax };
  take(value, left);
  if (left.containers < 0) return tooManyContainers;
  return left.values < 0 ? tooManyValues : undefined;
}

/** Subtracts what a value has from `left`, counted as the brackets and commas of its text; stops when either is used up. */
function take(value: unknown, left: { values: number; containers: number }): void {
  if (typeof value !== 'object' || value === null || left.values < 0 || left.containers < 0) return;
  left.containers--;
  let items = 0;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    items++;
    if (typeof item === 'object') take(item, left);
  }
  left.values -= Math.max(items, 1);
}

/** The values of a short text, and the objects and lists among them, for one of many texts in a body. */
export function partsOf(json: Uint8Array): { readonly values: number; readonly containers: number } {
  let commas = 0;
  let containers = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === 0x22) at = endOfString(json, at);
    else if (byte === 0x2c) commas++;
    else if (byte === 0x5b || byte === 0x7b) containers++;
  }
  return { values: 1 + commas + containers, containers };
}

export const tooManyKeys = `more than ${keysMax} different keys`;
export const tooManyValues = `more than ${valuesMax} values`;
export const tooManyContainers = `more than ${containersMax} objects and lists`;

/** Thrown by readers of other formats, which count while they read. */
export class LimitExceeded extends Error {
  override name = 'LimitExceeded';
}
