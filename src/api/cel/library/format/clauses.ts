/** The clauses of `format`: accepted types and printed form. Numbers with a fraction are printed in English. */

import { isUtf8 } from 'node:buffer';
import { goQuoted } from '#wire/json/go-values.ts';
import { CelType, type CelTypeKind } from '../../types/type.ts';
import { ListValue } from '../../values/list.ts';
import { MapValue } from '../../values/map.ts';
import { goDouble } from '../../values/shown.ts';
import { compareText } from '../../values/text.ts';
import { Duration, Timestamp } from '../../values/time.ts';
import { Double, ErrorValue, isBytes, isInt, typeOfValue, Uint, type Value } from '../../values/value.ts';

export interface Clause {
  /** The kinds of type that it accepts, for the check of constant formats. */
  readonly kinds: ReadonlySet<CelTypeKind>;
  /** The message for a value of another type. */
  readonly problem: string;
  format(value: Value, precision: number | undefined): string | ErrorValue;
}

const decimalsDefault = 6;

const textKinds: readonly CelTypeKind[] = [
  'list',
  'map',
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'timestamp',
  'bytes',
  'duration',
  'type',
  'null_type',
];

const textProblem =
  'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given';

const invalidUtf8 = 'could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string';

/** The names of types are those of `type(x)`. */
const wrongType = (problem: string, value: Value) => new ErrorValue(`${problem} ${typeOfValue(value).name}`);

function textClause(value: Value): string | ErrorValue {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof ListValue) return formatList(value);
  if (value instanceof MapValue) return formatMap(value);
  if (value instanceof Double) return goDouble(value.value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof CelType) return value.name;
  if (isBytes(value)) return isUtf8(value) ? Buffer.from(value).toString() : new ErrorValue(invalidUtf8);
  if (value instanceof Timestamp || value instanceof Duration) return value.toString();
  return wrongType(textProblem, value);
}

/** A value inside a list or a map. */
function formatPart(value: Value): string | ErrorValue {
  if (typeof value === 'string') return goQuoted(value);
  if (value instanceof Double) {
    const isPlain = Number.isFinite(value.value);
    return isPlain ? value.value.toFixed(decimalsDefault) : goQuoted(goDouble(value.value));
  }
  if (isBytes(value)) return `b${goQuoted(Buffer.from(value).toString())}`;
  if (value instanceof Timestamp) return `timestamp(${goQuoted(value.toString())})`;
  if (value instanceof Duration) return `duration(${goQuoted(value.toString())})`;
  const isKnown = textKinds.includes(typeOfValue(value).kind);
  return isKnown
    ? textClause(value)
    : new ErrorValue(`no formatting function for ${typeOfValue(value).name}`);
}

function formatList(list: ListValue): string | ErrorValue {
  const parts: string[] = [];
  for (const value of list.values()) {
    const part = formatPart(value);
    if (part instanceof ErrorValue) return part;
    parts.push(part);
  }
  return `[${parts.join(', ')}]`;
}

const keyKinds = new Set<CelTypeKind>(['string', 'bool', 'int', 'uint']);

function formatMap(map: MapValue): string | ErrorValue {
  const entries: (readonly [string, string])[] = [];
  for (const key of map.keys()) {
    if (!keyKinds.has(typeOfValue(key).kind)) {
      return wrongType('no formatting function for map key of type', key);
    }
    const name = formatPart(key);
    const value = formatPart(map.find(key) ?? null);
    if (name instanceof ErrorValue) return name;
    if (value instanceof ErrorValue) return value;
    entries.push([name, value]);
  }
  entries.sort(([first], [second]) => compareText(first, second));
  return `{${entries.map(([name, value]) => `${name}:${value}`).join(', ')}}`;
}

function decimalClause(value: Value): string | ErrorValue {
  if (isInt(value)) return String(value);
  return value instanceof Uint
    ? String(value.value)
    : wrongType('decimal clause can only be used on integers, was given', value);
}

const infinities: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function doubleOf(value: Value): number | undefined {
  if (value instanceof Double) return value.value;
  return typeof value === 'string' && Object.hasOwn(infinities, value) ? infinities[value] : undefined;
}

function notFinite(number: number): string | undefined {
  if (Number.isNaN(number)) return 'NaN';
  return Number.isFinite(number) ? undefined : number > 0 ? '∞' : '-∞';
}

const fixedProblem = 'fixed-point clause can only be used on doubles, was given';

function fixedClause(value: Value, precision = decimalsDefault): string | ErrorValue {
  const number = doubleOf(value);
  if (number === undefined) return wrongType(fixedProblem, value);
  return notFinite(number) ?? grouped(toFixed(number, precision));
}

/** Rounds halves to even, as Go does; `toFixed` rounds them up, and ends at 100 digits and at 10²¹. */
function toFixed(number: number, precision: number): string {
  const digits = Math.min(precision, 100);
  if (Math.abs(number) >= 1e21) return withZeros(String(BigInt(number)), precision);
  const text = number.toFixed(digits);
  const exact = number.toFixed(100);
  const rest = exact.slice(exact.indexOf('.') + 1 + digits);
  const isHalf = /^50*$/.test(rest);
  const kept = digits === 0 ? exact.slice(0, exact.indexOf('.')) : exact.slice(0, exact.length - rest.length);
  const rounded = isHalf && /[02468]$/.test(kept) ? kept : text;
  return precision > digits ? rounded + '0'.repeat(precision - digits) : rounded;
}

const withZeros = (whole: string, precision: number) =>
  precision === 0 ? whole : `${whole}.${'0'.repeat(precision)}`;

/** `1,234,567.5` */
function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const withCommas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? withCommas : `${withCommas}.${fraction}`;
}

const scientificProblem = 'scientific clause can only be used on doubles, was given';
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `1.500000×10⁰³`. Upstream takes the precision for the width. */
function scientificClause(value: Value, width = 0): string | ErrorValue {
  const number = doubleOf(value);
  if (number === undefined) return wrongType(scientificProblem, value);
  const special = notFinite(number);
  if (special !== undefined) return special;
  const [mantissa = '', exponent = ''] = number.toExponential(decimalsDefault).split('e');
  const digits = exponent
    .slice(1)
    .padStart(2, '0')
    .replace(/\d/g, (digit) => superscripts[Number(digit)]!);
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${digits}`.padStart(width);
}

function inBase(value: Value, base: number): string | undefined {
  if (isInt(value)) return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

const binaryProblem = 'only integers and bools can be formatted as binary, was given';

function binaryClause(value: Value): string | ErrorValue {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return inBase(value, 2) ?? wrongType(binaryProblem, value);
}

const octalProblem = 'octal clause can only be used on integers, was given';
const octalClause = (value: Value) => inBase(value, 8) ?? wrongType(octalProblem, value);

const hexProblem = 'only integers, byte buffers, and strings can be formatted as hex, was given';

function hexClause(value: Value): string | ErrorValue {
  if (typeof value === 'string' || isBytes(value)) return Buffer.from(value as string).toString('hex');
  return inBase(value, 16) ?? wrongType(hexProblem, value);
}

function upperHexClause(value: Value): string | ErrorValue {
  const text = hexClause(value);
  return typeof text === 'string' ? text.toUpperCase() : text;
}

const clause = (format: Clause['format'], problem: string, ...kinds: CelTypeKind[]): Clause => ({
  format,
  problem,
  kinds: new Set(kinds),
});

export const clauses: ReadonlyMap<string, Clause> = new Map([
  ['s', clause(textClause, textProblem, ...textKinds)],
  ['d', clause(decimalClause, 'decimal clause can only be used on integers, was given', 'int', 'uint')],
  ['f', clause(fixedClause, fixedProblem, 'double', 'string')],
  ['e', clause(scientificClause, scientificProblem, 'double', 'string')],
  ['b', clause(binaryClause, binaryProblem, 'int', 'uint', 'bool')],
  ['x', clause(hexClause, hexProblem, 'int', 'uint', 'string', 'bytes')],
  ['X', clause(upperHexClause, hexProblem, 'int', 'uint', 'string', 'bytes')],
  ['o', clause(octalClause, octalProblem, 'int', 'uint')],
]);
