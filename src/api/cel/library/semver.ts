/** Semantic versions. */

import { goQuoted } from '#wire/json/go-values.ts';
import { parseUint, strconvError } from '../../go/integers.ts';
import type { Library } from '../declarations/environment.ts';
import { declare, method, overload } from '../declarations/function.ts';
import { boolType, type CelType, intType, objectType, stringType } from '../types/type.ts';
import { OpaqueValue } from '../values/equal.ts';
import { intOf } from '../values/int.ts';
import { compareText } from '../values/text.ts';
import { ErrorValue, isError, noSuchOverload, type Value } from '../values/value.ts';

export const semverType: CelType = objectType('kubernetes.Semver', new Map());

/** A number, or a text of letters, digits and dashes. */
type Prerelease = bigint | string;

class SemverValue extends OpaqueValue {
  readonly type = semverType;
  /** Major, minor and patch. */
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly #prerelease: readonly Prerelease[];

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly Prerelease[]) {
    super();
    this.numbers = numbers;
    this.#prerelease = prerelease;
  }

  equals(other: Value): boolean | ErrorValue {
    return other instanceof SemverValue ? this.compare(other) === 0 : noSuchOverload;
  }

  compare(other: SemverValue): number {
    for (const [index, number] of this.numbers.entries()) {
      const otherNumber = other.numbers[index]!;
      if (number !== otherNumber) return number > otherNumber ? 1 : -1;
    }
    return comparePrereleases(this.#prerelease, other.#prerelease);
  }

  override toString(): string {
    const prerelease = this.#prerelease.length === 0 ? '' : `-${this.#prerelease.join('.')}`;
    return this.numbers.join('.') + prerelease;
  }
}

/** A version without a prerelease is later than one with. */
function comparePrereleases(a: readonly Prerelease[], b: readonly Prerelease[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = comparePrerelease(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function comparePrerelease(a: Prerelease, b: Prerelease): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  if (typeof a === 'string') return compareText(a, b as string);
  return a === b ? 0 : a > (b as bigint) ? 1 : -1;
}

/** Texts are read from left to right, and the first thing that is wrong is reported. */
export function parseSemver(text: string): SemverValue | ErrorValue {
  if (text === '') return new ErrorValue('Version string empty');
  const [major, minor, ...rest] = text.split('.');
  if (minor === undefined || rest.length === 0) return new ErrorValue('No Major.Minor.Patch elements found');
  const [withPrerelease = '', ...builds] = rest.join('.').split(/\+(.*)/s);
  const dash = withPrerelease.indexOf('-');
  const patch = dash < 0 ? withPrerelease : withPrerelease.slice(0, dash);
  const numbers: bigint[] = [];
  for (const [name, part] of [
    ['Major', major!],
    ['Minor', minor],
    ['Patch', patch],
  ] as const) {
    const number = parseNumber(part, `${name} number`, `${name.toLowerCase()} number`);
    if (number instanceof ErrorValue) return number;
    numbers.push(number);
  }
  const prerelease: Prerelease[] = [];
  for (const part of dash < 0 ? [] : withPrerelease.slice(dash + 1).split('.')) {
    const read = parsePrerelease(part);
    if (read instanceof ErrorValue) return read;
    prerelease.push(read);
  }
  const buildProblem = builds.length === 0 ? undefined : problemOfBuild(builds[0]!);
  return buildProblem ?? new SemverValue(numbers as [bigint, bigint, bigint], prerelease);
}

function parseNumber(text: string, subject: string, place: string): bigint | ErrorValue {
  if (/[^0-9]/.test(text)) return new ErrorValue(`Invalid character(s) found in ${place} ${goQuoted(text)}`);
  if (/^0./.test(text)) return new ErrorValue(`${subject} must not contain leading zeroes ${goQuoted(text)}`);
  const number = parseUint(text, 64);
  return typeof number === 'bigint' ? number : new ErrorValue(strconvError('ParseUint', text, number));
}

function parsePrerelease(text: string): Prerelease | ErrorValue {
  if (text === '') return new ErrorValue('Prerelease is empty');
  if (/^\d+$/.test(text)) return parseNumber(text, 'Numeric PreRelease version', 'prerelease');
  if (/^[0-9A-Za-z-]+$/.test(text)) return text;
  return new ErrorValue(`Invalid character(s) found in prerelease ${goQuoted(text)}`);
}

function problemOfBuild(text: string): ErrorValue | undefined {
  for (const part of text.split('.')) {
    if (part === '') return new ErrorValue('Build meta data is empty');
    if (/[^0-9A-Za-z-]/.test(part)) {
      return new ErrorValue(`Invalid character(s) found in build meta data ${goQuoted(part)}`);
    }
  }
  return undefined;
}

/** `v1.2` → `1.2.0` */
function normalized(text: string): string | ErrorValue {
  const [major, minor, ...rest] = text.replace(/^v/, '').split('.');
  const parts = [major!, minor, rest.length === 0 ? undefined : rest.join('.')].filter(
    (part) => part !== undefined,
  );
  const short = parts.map((part) => (part.length > 1 ? part.replace(/^0+(?=\d)/, '') : part));
  if (short.length < 3) {
    if (/[+-]/.test(short.at(-1)!)) {
      return new ErrorValue('short version cannot contain PreRelease/Build meta data');
    }
    while (short.length < 3) short.push('0');
  }
  return short.join('.');
}

function read(text: string, isNormalized = false): SemverValue | ErrorValue {
  const version = isNormalized ? normalized(text) : text;
  return version instanceof ErrorValue ? version : parseSemver(version);
}

const isSemver = (text: string, isNormalized = false) => !isError(read(text, isNormalized));

const numberAt = (index: 0 | 1 | 2) => (version: SemverValue) =>
  intOf(BigInt.asIntN(64, version.numbers[index]));

const two = [semverType, semverType];

export const semver: Library = {
  functions: [
    declare(
      'semver',
      overload('string_to_semver', [stringType], semverType, read),
      overload('string_bool_to_semver', [stringType, boolType], semverType, read),
    ),
    declare(
      'isSemver',
      overload('is_semver_string', [stringType], boolType, isSemver),
      overload('is_semver_string_bool', [stringType, boolType], boolType, isSemver),
    ),
    declare(
      'isGreaterThan',
      method('semver_is_greater_than', two, boolType, (a: SemverValue, b: SemverValue) => a.compare(b) === 1),
    ),
    declare(
      'isLessThan',
      method('semver_is_less_than', two, boolType, (a: SemverValue, b: SemverValue) => a.compare(b) === -1),
    ),
    declare(
      'compareTo',
      method('semver_compare_to', two, intType, (a: SemverValue, b: SemverValue) => a.compare(b)),
    ),
    declare('major', method('semver_major', [semverType], intType, numberAt(0))),
    declare('minor', method('semver_minor', [semverType], intType, numberAt(1))),
    declare('patch', method('semver_patch', [semverType], intType, numberAt(2))),
  ],
};
