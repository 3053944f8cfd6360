/**
 * A quantity as Go prints its struct: an integer with a power of ten, its format, and its text if it is
 * canonical; or, if that integer would be too long, one of any length in billionths.
 */

import { splitQuantity } from '#api/values/quantity-notation.ts';

const digitsMax = 18;
const int64Max = 2n ** 63n - 1n;
const billion = 10n ** 9n;
/** Larger ones do not occur in sensible templates, and would be numbers of any length. */
const exponentMax = 100;

export function dumpQuantity(text: string): string {
  if (text === '0') return parts(0n, 0, text, 'DecimalSI');
  const { isNegative, whole, fraction, unit } = splitQuantity(text);
  const number = whole || (fraction === '' ? '0' : '');
  const signed = (value: bigint) => (isNegative ? -value : value);
  const { exponent, shift, format } = unit;
  if (format === 'BinarySI') return binaryDump(text, number, fraction, shift, signed);
  const scale = exponent - fraction.length;
  const digits = number + fraction;
  if (Math.abs(exponent) > exponentMax) return parts(0n, 0, text, format);
  if (digits.length > digitsMax || scale < -9) {
    const billionths = shifted(BigInt(digits), scale + 9);
    return long(signed(billionths), 9, format);
  }
  const isCanonical = scale % 3 === 0 && !digits.endsWith('000') && digits[0] !== '0';
  return parts(signed(BigInt(digits)), scale, isCanonical ? text : '', format);
}

function binaryDump(
  text: string,
  number: string,
  fraction: string,
  shift: number,
  signed: (value: bigint) => bigint,
): string {
  const precision = 15 - number.length - Math.trunc((shift * 3) / 10) - 1;
  const value = BigInt(number || '0');
  const product = value << BigInt(shift);
  if (fraction === '' && precision >= 0 && product <= int64Max) {
    return parts(signed(product), 0, (value & 7n) === 0n ? '' : text, 'BinarySI');
  }
  const billionths = shifted(BigInt(number + fraction) << BigInt(shift), 9 - fraction.length);
  if (billionths > int64Max * billion) return long(signed(int64Max), 0, 'BinarySI');
  const isBelowOne = billionths > 0n && billionths < billion;
  return long(signed(billionths), 9, isBelowOne ? 'DecimalSI' : 'BinarySI');
}

/** Times a power of ten, rounded away from zero. */
function shifted(value: bigint, places: number): bigint {
  if (places >= 0) return value * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return (value + divisor - 1n) / divisor;
}

function parts(value: bigint, scale: number, text: string, format: string): string {
  const decimal = '(*inf.Dec)<nil>';
  return `{${amountOf(value, scale)} d:(resource.infDecAmount){Dec:${decimal}} ${endOf(text, format)}}`;
}

function long(value: bigint, scale: number, format: string): string {
  const words: bigint[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 64n) words.push(BigInt.asUintN(64, rest));
  const unscaled = `(big.Int){neg:(bool)${value < 0n} abs:(big.nat)[${words.join(' ')}]}`;
  const decimal = `(*inf.Dec){unscaled:${unscaled} scale:(inf.Scale)${scale}}`;
  return `{${amountOf(0n, 0)} d:(resource.infDecAmount){Dec:${decimal}} ${endOf('', format)}}`;
}

function amountOf(value: bigint, scale: number): string {
  return `i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}}`;
}

function endOf(text: string, format: string): string {
  return `s:(string)${text} Format:(resource.Format)${format}`;
}
