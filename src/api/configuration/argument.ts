/**
 * The types of a component's arguments: description, JSON Schema, and how the value is read from a configuration
 * file, where a YAML value and the text of upstream's flag are both valid.
 */

import { nearest } from '#base/text/nearest.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { parseGoDuration } from '../go/duration.ts';

export interface Argument<T> {
  /** One sentence, for the reference. */
  readonly description: string;
  /** The noun of a valid value, for errors: `… is not a duration such as 10m`. */
  readonly expects: string;
  /** JSON Schema of the value. */
  readonly schema: JsonObject;
  /** Undefined for an invalid value. */
  read(value: unknown): T | undefined;
  /** What is wrong with a value that could be read, with a hint. */
  problem?(value: T): { readonly message: string; readonly hint?: string | undefined } | undefined;
  /** The value names files, whose paths are relative to the configuration's own. */
  readonly files?: NamedFiles<T>;
}

export interface NamedFiles<T> {
  /** The files that must exist. */
  paths(value: T): readonly string[];
  /** The value as it stands in a configuration, with each path replaced. */
  replaced(value: T, replace: (path: string) => string): unknown;
}

/** Arguments by upstream's flag names, without the dashes before them. */
export type Arguments = Readonly<Record<string, Argument<unknown>>>;

/** The values of these arguments, as far as they are set. */
export type ValuesOf<A extends Arguments> = {
  readonly [Name in keyof A]?: A[Name] extends Argument<infer T> ? T : never;
};

export function text(description: string): Argument<string> {
  return { description, expects: 'a text', schema: { type: 'string' }, read: textOf };
}

/** The path of a file that exists when the cluster starts. */
export function file(description: string): Argument<string> {
  const read = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  return {
    description,
    expects: 'the path of a file',
    schema: { type: 'string' },
    read,
    files: { paths: (path) => [path], replaced: (path, replace) => replace(path) },
  };
}

/** The path of a file that is written; `-` is the standard output. */
export function outputFile(description: string): Argument<string> {
  const replaced = (path: string, replace: (path: string) => string) => (path === '-' ? path : replace(path));
  return { ...file(description), files: { paths: () => [], replaced } };
}

/** The path of a folder or file that need not exist. */
export function folder(description: string): Argument<string> {
  return {
    ...file(description),
    expects: 'the path of a folder or file',
    files: { paths: () => [], replaced: (path, replace) => replace(path) },
  };
}

/** The path of a file, or of several. */
export function files(description: string): Argument<readonly string[]> {
  return {
    ...list(description),
    expects: 'the path of a file or a list of them',
    files: { paths: (paths) => paths, replaced: (paths, replace) => paths.map(replace) },
  };
}

/** A list; a string is split at commas, as upstream's flags. */
export function list(description: string): Argument<readonly string[]> {
  return {
    description,
    expects: 'a list of texts',
    schema: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
    read(value) {
      if (typeof value === 'string') return value.split(',').map((item) => item.trim());
      return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
    },
  };
}

/** A list of names, each of which must be known; `noun` is what they name. */
export function names(
  description: string,
  noun: string,
  known: readonly string[],
): Argument<readonly string[]> {
  return {
    ...list(description),
    problem(values) {
      const unknown = values.find((value) => !known.includes(value));
      if (unknown === undefined) return undefined;
      const near = nearest(unknown, known);
      const hint = near ? `the nearest known one is ${near}` : `the known ones: ${known.join(', ')}`;
      return { message: `has the unknown ${noun} ${JSON.stringify(unknown)}`, hint };
    },
  };
}

/** Texts by name; `a=1,b=2` is valid too. */
export function map(description: string): Argument<Readonly<Record<string, string>>> {
  return {
    description,
    expects: 'a mapping of texts',
    schema: {
      anyOf: [{ type: 'object', additionalProperties: { type: 'string' } }, { type: 'string' }],
    },
    read(value) {
      const pairs = typeof value === 'string' ? pairsOf(value) : value;
      if (!isJsonObject(pairs)) return undefined;
      const read: Record<string, string> = {};
      for (const [key, item] of Object.entries(pairs)) {
        const value = textOf(item);
        if (value === undefined) return undefined;
        read[key] = value;
      }
      return read;
    },
  };
}

export function toggle(description: string): Argument<boolean> {
  return {
    description,
    expects: 'true or false',
    schema: { anyOf: [{ type: 'boolean' }, { enum: ['true', 'false'] }] },
    read(value) {
      if (value === true || value === 'true') return true;
      return value === false || value === 'false' ? false : undefined;
    },
  };
}

export function wholeNumber(description: string, bounds: { min: number; max: number }): Argument<number> {
  const { min, max } = bounds;
  return {
    description,
    expects: `a whole number from ${min} to ${max}`,
    schema: { anyOf: [{ type: 'integer', minimum: min, maximum: max }, { type: 'string' }] },
    read(value) {
      const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
      const isValid = typeof number === 'number' && Number.isSafeInteger(number);
      return isValid && number >= min && number <= max ? number : undefined;
    },
  };
}

export function fraction(description: string, bounds: { min: number; max: number }): Argument<number> {
  const { min, max } = bounds;
  return {
    description,
    expects: `a number from ${min} to ${max}`,
    schema: { anyOf: [{ type: 'number', minimum: min, maximum: max }, { type: 'string' }] },
    read(value) {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && number >= min && number <= max ? number : undefined;
    },
  };
}

/** In milliseconds; written as Go does, `1h30m`. */
export function durationMs(description: string): Argument<number> {
  return {
    description,
    expects: 'a duration such as 90s or 1h30m',
    schema: { type: 'string', pattern: '^(0|([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$' },
    read(value) {
      const written = textOf(value);
      if (written === undefined || written.startsWith('-')) return undefined;
      try {
        return Number(parseGoDuration(written)) / 1e6;
      } catch {
        return undefined;
      }
    },
  };
}

export function choice<T extends string>(description: string, values: readonly T[]): Argument<T> {
  const read = (value: unknown) => values.find((valid) => valid === value);
  return { description, expects: `one of ${values.join(', ')}`, schema: { enum: [...values] }, read };
}

/** An argument that kybern has at these values only, which change nothing; `instead` is the hint for any other. */
export function fixed(description: string, values: readonly string[], instead: string): Argument<string> {
  return {
    description: `${description} Changes nothing.`,
    expects: values.join(' or '),
    schema: { enum: values.flatMap((value) => (isToggle(value) ? [value === 'true', value] : [value])) },
    read: textOf,
    problem(value) {
      if (values.includes(value)) return undefined;
      return { message: `cannot be ${value}: kybern has it at ${values.join(' or ')} only`, hint: instead };
    },
  };
}

function isToggle(value: string): boolean {
  return value === 'true' || value === 'false';
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function pairsOf(written: string): JsonObject | undefined {
  const pairs = written.split(',').map((pair) => pair.split('='));
  if (pairs.some(([key = '', ...rest]) => key.trim() === '' || rest.length === 0)) return undefined;
  return Object.fromEntries(pairs.map(([key, ...rest]) => [key!.trim(), rest.join('=').trim()]));
}
