/** The written form of quantities: a number and a suffix, split, checked and printed as upstream. */

import { withoutEnding } from '#base/text/without-ending.ts';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

const decimalExponents = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const decimalSuffixes = new Map([...decimalExponents].map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

export class QuantityError extends Error {
  override name = 'QuantityError';
}

/** Upstream's message for an invalid quantity. */
export const notAQuantity =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";
const wrongNumber = 'unable to parse numeric part of quantity';

export interface Unit {
  /** Power of ten. */
  readonly exponent: number;
  /** Power of two. */
  readonly shift: number;
  readonly format: QuantityFormat;
}

const number = /^([+-]?)(\d*)(?:\.(\d*))?/;
const suffixForm = /^[eEinumkKMGTP]*[-+]?[0-9]*$/;
/** Longer numbers are refused. */
const digitsMax = 10_000;

/** The parts of a quantity's text. */
export interface SplitQuantity {
  readonly isNegative: boolean;
  /** The digits before the point, without leading zeros. */
  readonly whole: string;
  /** The digits after the point. */
  readonly fraction: string;
  readonly unit: Unit;
}

/** Throws `QuantityError` with upstream's message. */
export function splitQuantity(text: string): SplitQuantity {
  const [head, sign, whole = '', fraction = ''] = number.exec(text)!;
  const suffix = text.slice(head.length);
  if (text === '' || !suffixForm.test(suffix)) throw new QuantityError(notAQuantity);
  const unit = unitOf(suffix);
  if (unit === undefined) throw new QuantityError(wrongSuffix);
  if (head.length > digitsMax) throw new QuantityError(wrongNumber);
  return { isNegative: sign === '-', whole: withoutLeadingZeros(whole), fraction, unit };
}

export function withoutLeadingZeros(digits: string): string {
  return digits.replace(/^0+/, '');
}

function unitOf(suffix: string): Unit | undefined {
  const exponent = decimalExponents.get(suffix);
  if (exponent !== undefined) return { exponent, shift: 0, format: 'DecimalSI' };
  const power = binarySuffixes.indexOf(suffix);
  if (power > 0) return { exponent: 0, shift: 10 * power, format: 'BinarySI' };
  const written = /^[eE]([+-]?\d{1,10000})$/.exec(suffix)?.[1];
  if (written === undefined) return undefined;
  const wide = BigInt(written.replace('+', ''));
  if (BigInt.asIntN(64, wide) !== wide) return undefined;
  // As upstream, keeps the lower 32 bits.
  return { exponent: Number(BigInt.asIntN(32, wide)), shift: 0, format: 'DecimalExponent' };
}

/** `whole` is at least 1024 or at most -1024. */
export function binaryText(whole: bigint): string {
  let mantissa = whole;
  let power = 0;
  while (mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${binarySuffixes[power] ?? ''}`;
}

/** As upstream, a suffix beyond `E` is omitted. */
export function decimalText(unscaled: string, scale: number, format: QuantityFormat): string {
  const digits = withoutEnding(unscaled, '0');
  const zeros = unscaled.length - digits.length;
  // Upstream's exponents have 32 bits.
  const whole = (scale + zeros) | 0;
  const thirds = Math.floor(whole / 3);
  const mantissa = digits + '0'.repeat(whole - 3 * thirds);
  const exponent = (3 * thirds) | 0;
  if (format !== 'DecimalExponent') return `${mantissa}${decimalSuffixes.get(exponent) ?? ''}`;
  return exponent === 0 ? mantissa : `${mantissa}e${exponent}`;
}
