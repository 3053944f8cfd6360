/** Writes, and to a small extent reads, the DER encoding of ASN.1: as much of it as certificates need. */

const tagOf = { boolean: 1, integer: 2, bitString: 3, octetString: 4, oid: 6, utf8: 12 } as const;
const sequenceTag = 0x30;
const setTag = 0x31;
const utcTimeTag = 23;
const generalizedTimeTag = 24;

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

function element(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.from([tag, ...lengthBytes(length)]), ...contents]);
}

export const sequence = (...parts: Uint8Array[]): Uint8Array => element(sequenceTag, ...parts);
export const set = (...parts: Uint8Array[]): Uint8Array => element(setTag, ...parts);
export const utf8 = (text: string): Uint8Array => element(tagOf.utf8, Buffer.from(text));
export const octetString = (bytes: Uint8Array): Uint8Array => element(tagOf.octetString, bytes);
export const boolean = (value: boolean): Uint8Array =>
  element(tagOf.boolean, Uint8Array.of(value ? 0xff : 0));

/** A non-negative integer from its big-endian bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  const padded = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes;
  return element(tagOf.integer, padded.length === 0 ? Uint8Array.of(0) : padded);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return element(tagOf.bitString, Uint8Array.of(unusedBits), bytes);
}

export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(tagOf.oid, Uint8Array.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after, as RFC 5280 asks. */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? element(utcTimeTag, Buffer.from(`${digits.slice(2)}Z`))
    : element(generalizedTimeTag, Buffer.from(`${digits}Z`));
}

/** `[number]`, explicit (around a whole element) or implicit and primitive (in place of a tag). */
export const explicit = (number: number, inner: Uint8Array): Uint8Array => element(0xa0 | number, inner);
export const implicit = (number: number, bytes: Uint8Array): Uint8Array => element(0x80 | number, bytes);

/** The elements inside a constructed element, each with its own header. */
export function children(constructed: Uint8Array): Uint8Array[] {
  const { start, end } = boundsOf(constructed, 0);
  const found: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    const next = boundsOf(constructed, at).end;
    found.push(constructed.subarray(at, next));
    at = next;
  }
  return found;
}

/** The content of an element, without its header. */
export function contentOf(element: Uint8Array): Uint8Array {
  const { start, end } = boundsOf(element, 0);
  return element.subarray(start, end);
}

function boundsOf(bytes: Uint8Array, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  return { start: at + 2 + count, end: at + 2 + count + length };
}
