/** Resource amounts (`500m`, `1Gi`, `1e3`) with upstream's parsing, rounding and canonical form, exact to 10⁻⁹. */

type Format = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

const nano = 1_000_000_000n;
const maxNanos = (2n ** 63n - 1n) * nano;
const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/s;

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

/** Upstream's words for what is no quantity. */
export const notAQuantity =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

/** An exact amount; never changed, sums are new ones. */
export class Quantity {
  readonly nanos: bigint;
  readonly format: Format;
  #text: string | undefined;

  constructor(nanos: bigint, format: Format) {
    this.nanos = nanos;
    this.format = format;
  }

  /** -1, 0 or 1. */
  sign(): number {
    return this.nanos > 0n ? 1 : this.nanos < 0n ? -1 : 0;
  }

  isZero(): boolean {
    return this.nanos === 0n;
  }

  /** Below 0 when this is less, above 0 when it is more. */
  compare(other: Quantity): number {
    return this.nanos < other.nanos ? -1 : this.nanos > other.nanos ? 1 : 0;
  }

  /** Takes the other's format when this is zero, as upstream. */
  add(other: Quantity): Quantity {
    return new Quantity(this.nanos + other.nanos, this.isZero() ? other.format : this.format);
  }

  sub(other: Quantity): Quantity {
    return new Quantity(this.nanos - other.nanos, this.isZero() ? other.format : this.format);
  }

  neg(): Quantity {
    return new Quantity(-this.nanos, this.format);
  }

  /** Whole units, rounded away from zero: bytes, pods, cores. */
  value(): number {
    return Number(roundUp(this.nanos, nano));
  }

  /** Thousandths, rounded away from zero. */
  milliValue(): number {
    return Number(roundUp(this.nanos, 1_000_000n));
  }

  /** As close as a double comes. */
  toNumber(): number {
    return Number(this.nanos) / 1e9;
  }

  /** The canonical form: no fraction, the largest suffix that allows it. */
  toString(): string {
    this.#text ??= this.#canonical();
    return this.#text;
  }

  #canonical(): string {
    if (this.nanos === 0n) return '0';
    const magnitude = this.nanos < 0n ? -this.nanos : this.nanos;
    if (this.format === 'BinarySI' && magnitude >= 1024n * nano && magnitude % nano === 0n) {
      return binaryText(this.nanos / nano);
    }
    return decimalText(this.nanos, this.format);
  }
}

export const zeroQuantity = new Quantity(0n, 'DecimalSI');

/** Throws `QuantityError` with upstream's text. Numbers are read as they would be written. */
export function parseQuantity(text: string | number): Quantity {
  const source = typeof text === 'number' ? String(text) : text;
  let quantity = known.get(source);
  if (quantity === undefined) {
    quantity = parse(source);
    if (known.size >= knownMax) known.clear();
    known.set(source, quantity);
  }
  return quantity;
}

/** The same few texts come in thousands of objects. */
const knownMax = 10_000;
const known = new Map<string, Quantity>();

/** `parseQuantity(text).value()`, 0 when absent. */
export function quantityValue(text: string | number | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).value();
}

/** `parseQuantity(text).milliValue()`, 0 when absent. */
export function quantityMilliValue(text: string | number | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).milliValue();
}

/** `1024Mi` → `1Gi`. */
export function canonicalQuantity(text: string | number): string {
  return parseQuantity(text).toString();
}

function parse(text: string): Quantity {
  const match = pattern.exec(text);
  if (text === '' || match === null) throw new QuantityError(notAQuantity);
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (!/^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(suffix)) throw new QuantityError(notAQuantity);
  const scale = suffixScale(suffix);
  if (scale === undefined) throw new QuantityError(wrongSuffix);
  // Without any digit the number is zero: upstream takes `.`, `-` and `Ki`.
  const digits = BigInt(whole + fraction || 0);
  const tenth = 9 - fraction.length + scale.tens;
  const scaled = digits * 2n ** BigInt(scale.twos);
  const nanos = tenth >= 0 ? scaled * 10n ** BigInt(tenth) : roundUp(scaled, 10n ** BigInt(-tenth));
  const bounded = scale.format === 'BinarySI' && nanos > maxNanos ? maxNanos : nanos;
  return new Quantity(sign === '-' ? -bounded : bounded, scale.format);
}

function suffixScale(suffix: string): { tens: number; twos: number; format: Format } | undefined {
  const tens = decimalExponents.get(suffix);
  if (tens !== undefined) return { tens, twos: 0, format: 'DecimalSI' };
  const power = binarySuffixes.indexOf(suffix);
  if (power > 0) return { tens: 0, twos: 10 * power, format: 'BinarySI' };
  const exponent = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > 1000) return undefined;
  return { tens: Number(exponent), twos: 0, format: 'DecimalExponent' };
}

function roundUp(amount: bigint, unit: bigint): bigint {
  const whole = amount / unit;
  const rest = amount % unit;
  return rest === 0n ? whole : whole + (rest > 0n ? 1n : -1n);
}

function binaryText(value: bigint): string {
  let mantissa = value;
  let power = 0;
  while (mantissa % 1024n === 0n && power < binarySuffixes.length - 1) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${binarySuffixes[power]}`;
}

function decimalText(nanos: bigint, format: Format): string {
  let mantissa = nanos;
  let exponent = -9;
  const exponentMax = format === 'DecimalExponent' ? Number.POSITIVE_INFINITY : 18;
  while (mantissa % 1000n === 0n && exponent < exponentMax) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format !== 'DecimalExponent') return `${mantissa}${decimalSuffixes.get(exponent)}`;
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
}
