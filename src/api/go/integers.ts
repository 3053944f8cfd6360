/** Decimal integers in texts, as Go's strconv reads them and words why it does not. */

import { goQuoted } from '#wire/json/go-values.ts';

type Reason = 'invalid syntax' | 'value out of range';

const digitsMax = 20;

/** 64 bits with a sign. The integer, or strconv's reason. */
export function parseInt64(text: string): bigint | Reason {
  const [, sign, digits] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return 'invalid syntax';
  const magnitude = magnitudeOf(digits);
  if (magnitude === undefined) return 'value out of range';
  const value = sign === '-' ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : 'value out of range';
}

/** No sign, and so many bits. */
export function parseUint(text: string, bits: number): bigint | Reason {
  if (!/^\d+$/.test(text)) return 'invalid syntax';
  const value = magnitudeOf(text);
  return value === undefined || BigInt.asUintN(bits, value) !== value ? 'value out of range' : value;
}

export function strconvError(parser: 'Atoi' | 'ParseInt' | 'ParseUint', text: string, why: Reason): string {
  return `strconv.${parser}: parsing ${goQuoted(text)}: ${why}`;
}

/** Digits are counted before they are read: a number of a million digits takes long. */
function magnitudeOf(written: string): bigint | undefined {
  const digits = written.replace(/^0+(?=\d)/, '');
  return digits.length > digitsMax ? undefined : BigInt(digits);
}
