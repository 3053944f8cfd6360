/** The values of literal tokens. */

import { int64Max, int64Min, intOf, uint64Max } from '../values/int.ts';
import { Double, Uint, type Value } from '../values/value.ts';

/** Undefined for a number out of range. */
export function intLiteral(text: string, isNegative: boolean): Value | undefined {
  const value = isNegative ? -BigInt(text) : BigInt(text);
  return value < int64Min || value > int64Max ? undefined : intOf(value);
}

/** `text` ends in `u`. */
export function uintLiteral(text: string): Value | undefined {
  const value = BigInt(text.slice(0, -1));
  return value > uint64Max ? undefined : new Uint(value);
}

export function doubleLiteral(text: string): Value | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? new Double(value) : undefined;
}

/** A problem for an escape that stands for no character. */
export function stringLiteral(token: string): { value: string } | { problem: string } {
  const { text, isRaw } = contentOf(token);
  if (isRaw || !text.includes('\\')) return { value: text };
  let isValid = true;
  const value = text.replace(escapes, (sequence) => {
    const code = codeOf(sequence);
    if (typeof code === 'string') return code;
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) isValid = false;
    return isValid ? String.fromCodePoint(code) : '';
  });
  return isValid ? { value } : { problem: 'invalid unicode code point' };
}

/** `token` is the token of a string, without the `b`. */
export function bytesLiteral(token: string): { value: Uint8Array } | { problem: string } {
  const { text, isRaw } = contentOf(token);
  if (isRaw) return { value: Buffer.from(text) };
  const parts: Buffer[] = [];
  let end = 0;
  for (const found of text.matchAll(escapes)) {
    if (/^\\[uU]/.test(found[0])) return { problem: 'unable to unescape string' };
    parts.push(Buffer.from(text.slice(end, found.index)));
    const code = codeOf(found[0]);
    parts.push(typeof code === 'string' ? Buffer.from(code) : Buffer.from([code & 0xff]));
    end = found.index + found[0].length;
  }
  parts.push(Buffer.from(text.slice(end)));
  return { value: Buffer.concat(parts) };
}

const escapes = /\\(?:[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[\s\S])/g;

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The code point of an escape with digits, or the character of another. */
function codeOf(sequence: string): number | string {
  const kind = sequence[1]!;
  if (/[xXuU]/.test(kind)) return Number.parseInt(sequence.slice(2), 16);
  if (/[0-3]/.test(kind)) return Number.parseInt(sequence.slice(1), 8);
  return simpleEscapes[kind] ?? kind;
}

function contentOf(token: string): { text: string; isRaw: boolean } {
  const isRaw = /^[rR]/.test(token);
  const quoted = (isRaw ? token.slice(1) : token).replace(/\r\n?/g, '\n');
  const quotes = /^(?:"""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { text: quoted.slice(quotes, -quotes), isRaw };
}
