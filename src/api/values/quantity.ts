/**
 * Resource amounts (`500m`, `1Gi`, `1e3`) with upstream's parsing, rounding and formatting, exact to 10⁻⁹.
 *
 * A text that upstream's fast parser considers canonical is kept as written (`1.500`, `+2`, `1.125G`), so
 * that applying it twice changes nothing; every other text, and every sum, is formatted canonically.
 */

import { withoutEnding } from '#base/text/without-ending.ts';
import {
  binaryText,
  decimalText,
  type QuantityFormat,
  splitQuantity,
  type Unit,
  withoutLeadingZeros,
} from './quantity-notation.ts';

const milli = -3;
const nano = -9;
const int64Max = 2n ** 63n - 1n;

/** `unscaled` · 10^`scale`, exact and immutable. */
export class Quantity {
  readonly format: QuantityFormat;
  readonly #unscaled: bigint;
  readonly #scale: number;
  #text: string | undefined;

  constructor(unscaled: bigint, scale: number, format: QuantityFormat, text?: string) {
    this.#unscaled = unscaled;
    this.#scale = scale;
    this.format = format;
    this.#text = text;
  }

  /** -1, 0 or 1. */
  sign(): number {
    return this.#unscaled > 0n ? 1 : this.#unscaled < 0n ? -1 : 0;
  }

  isZero(): boolean {
    return this.#unscaled === 0n;
  }

  /** Negative if this is less, positive if it is more. */
  compare(other: Quantity): number {
    if (this.sign() !== other.sign()) return Math.sign(this.sign() - other.sign());
    const [a, b] = this.#besides(other);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** As upstream, takes the other's format when this is zero. */
  add(other: Quantity): Quantity {
    const [a, b, scale] = this.#besides(other);
    return new Quantity(a + b, scale, this.isZero() ? other.format : this.format);
  }

  sub(other: Quantity): Quantity {
    return this.add(new Quantity(-other.#unscaled, other.#scale, other.format));
  }

  /** Whole units as a double, rounded away from zero: bytes, pods, cores. */
  value(): number {
    return Number(this.units());
  }

  /** Thousandths, rounded away from zero. */
  milliValue(): number {
    return Number(this.thousandths());
  }

  units(): bigint {
    return this.#int64At(0);
  }

  /** Undefined for fractions, and for numbers beyond 64 bits. */
  asInt64(): bigint | undefined {
    if (this.#scale < 0 || this.#scale > int64Digits) return undefined;
    const units = this.#unscaled * 10n ** BigInt(this.#scale);
    return BigInt.asIntN(64, units) === units ? units : undefined;
  }

  thousandths(): bigint {
    return this.#int64At(milli);
  }

  /** Rounds fractions of a thousandth away from zero. */
  roundedToThousandths(): Quantity {
    if (this.#scale >= milli) return this;
    return new Quantity(rescaled(this.#unscaled, this.#scale, milli), milli, this.format);
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(`${this.#unscaled}e${this.#scale}`);
  }

  toString(): string {
    this.#text ??= this.#canonical();
    return this.#text;
  }

  /** The largest suffix without a fraction. */
  #canonical(): string {
    if (this.isZero()) return '0';
    if (this.format === 'BinarySI' && this.#order() < binaryDigitsMax) {
      const whole = rescaled(this.#unscaled, this.#scale, 0);
      const isExact = this.#scale >= 0 || whole * 10n ** BigInt(-this.#scale) === this.#unscaled;
      if (isExact && (whole >= 1024n || whole <= -1024n)) return binaryText(whole);
    }
    return decimalText(String(this.#unscaled), this.#scale, this.format);
  }

  /** Approximate number of digits before the point. */
  #order(): number {
    return digitsOf(this.#unscaled) + this.#scale;
  }

  #int64At(scale: number): bigint {
    if (this.#order() - scale > int64Digits) return this.sign() < 0 ? -int64Max : int64Max;
    const amount = rescaled(this.#unscaled, this.#scale, scale);
    return amount > int64Max ? int64Max : amount < -int64Max ? -int64Max : amount;
  }

  /** Both amounts at one scale. If they are too far apart, the smaller one counts as zero. */
  #besides(other: Quantity): [bigint, bigint, number] {
    const apart = this.#scale - other.#scale;
    if (apart === 0) return [this.#unscaled, other.#unscaled, this.#scale];
    if (this.isZero() || other.isZero()) {
      return [this.#unscaled, other.#unscaled, this.isZero() ? other.#scale : this.#scale];
    }
    if (Math.abs(apart) > apartMax) {
      const isLarger = this.#order() > other.#order();
      return isLarger ? [this.#unscaled, 0n, this.#scale] : [0n, other.#unscaled, other.#scale];
    }
    const factor = 10n ** BigInt(Math.abs(apart));
    return apart > 0
      ? [this.#unscaled * factor, other.#unscaled, other.#scale]
      : [this.#unscaled, other.#unscaled * factor, this.#scale];
  }
}

/** A client can write any exponent: arithmetic with more digits would use up the memory. */
const apartMax = 20_000;
const binaryDigitsMax = 10_000;
const int64Digits = 19;

export const zeroQuantity = new Quantity(0n, 0, 'DecimalSI', '0');

/** Throws `QuantityError` with upstream's message. Numbers are parsed as they would be printed. */
export function parseQuantity(text: string | number): Quantity {
  const source = typeof text === 'number' ? String(text) : text;
  let quantity = known.get(source);
  if (quantity === undefined) {
    quantity = parse(source);
    if (known.size >= knownMax) known.clear();
    if (source.length <= knownLengthMax) known.set(source, quantity);
  }
  return quantity;
}

/** Thousands of objects have the same few quantities. */
const knownMax = 10_000;
const knownLengthMax = 64;
const known = new Map<string, Quantity>();

/** `parseQuantity(text).value()`, 0 when absent. */
export function quantityValue(text: string | number | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).value();
}

/** `parseQuantity(text).milliValue()`, 0 when absent. */
export function quantityMilliValue(text: string | number | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).milliValue();
}

/** The text that upstream stores for a quantity: `1024Mi` → `1Gi`, `1.500` → `1.500`. */
export function canonicalQuantity(text: string | number): string {
  return parseQuantity(text).toString();
}

function parse(text: string): Quantity {
  const { isNegative, whole, fraction, unit } = splitQuantity(text);
  // Without digits the number is zero: upstream accepts `.`, `-` and `Ki`.
  const digits = (whole || '0') + fraction;
  const significant = withoutEnding(digits, '0');
  const scale = unit.exponent - fraction.length + digits.length - significant.length;
  const amount = BigInt(significant || 0) << BigInt(unit.shift);
  if (amount === 0n) return new Quantity(0n, 0, unit.format);
  const signed = (magnitude: bigint) => (isNegative ? -magnitude : magnitude);
  if (scale >= nano) {
    if (isKept(digits, fraction.length, unit)) return new Quantity(signed(amount), scale, unit.format, text);
    if (unit.format !== 'BinarySI') {
      // Formatted from the given digits: converting a large number to text is the most expensive part.
      const canonical = decimalText(
        (isNegative ? '-' : '') + withoutLeadingZeros(significant),
        scale,
        unit.format,
      );
      return new Quantity(signed(amount), scale, unit.format, canonical);
    }
  }
  return bounded(rescaled(amount, scale, nano), unit.format, signed);
}

/** At least 10⁻⁹; with a binary suffix limited to 64 bits, and decimal if it is only a fraction. */
function bounded(nanos: bigint, format: QuantityFormat, signed: (magnitude: bigint) => bigint): Quantity {
  const unit = 10n ** 9n;
  if (format !== 'BinarySI') return new Quantity(signed(nanos), nano, format);
  if (nanos > int64Max * unit) return new Quantity(signed(int64Max), 0, format);
  return new Quantity(signed(nanos), nano, nanos < unit ? 'DecimalSI' : format);
}

/** Upstream's fast parser keeps these texts, although some are not canonical. */
function isKept(digits: string, fractionDigits: number, { exponent, shift, format }: Unit): boolean {
  if (format === 'BinarySI') {
    const room = 15 - Math.trunc((shift * 3) / 10) - 1;
    return fractionDigits === 0 && digits.length <= room && Number(digits) % 8 !== 0;
  }
  const scale = exponent - fractionDigits;
  if (digits.length > 18 || scale < nano || scale % 3 !== 0) return false;
  return !digits.endsWith('000') && !digits.startsWith('0');
}

/** `amount` · 10^`from` in units of 10^`to`, rounded away from zero. */
function rescaled(amount: bigint, from: number, to: number): bigint {
  if (from >= to) return amount * 10n ** BigInt(from - to);
  const away = amount > 0n ? 1n : amount < 0n ? -1n : 0n;
  if (to - from > digitsOf(amount)) return away;
  const unit = 10n ** BigInt(to - from);
  return amount % unit === 0n ? amount / unit : amount / unit + away;
}

function digitsOf(amount: bigint): number {
  return amount < 0n ? String(amount).length - 1 : String(amount).length;
}
