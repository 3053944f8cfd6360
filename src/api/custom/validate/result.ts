/** The problems that the validation of a value by an OpenAPI schema finds, with kube-openapi's messages. */

import { LimitExceeded } from '#wire/json/values-limit.ts';
import {
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../../validation/field-error.ts';

export interface SchemaProblem {
  /** Of the value; absent for problems that upstream reports without a path. */
  readonly path?: string;
  readonly text: string;
  asFieldError(path: string): FieldError;
}

/** Problems reported of an object. */
const problemsMax = 1000;

/** Up to this number a list is searched; then a set is made. */
const fewProblems = 8;

/**
 * A step is the check of a value by a schema, or work of the same time. Without the limit a small schema with
 * alternatives and a large list together would take seconds.
 */
const stepsMax = 500_000;

export class Result {
  readonly problems: SchemaProblem[] = [];
  #texts: Set<string> | undefined;
  readonly #steps: { left: number };
  /** How much has matched: of several failing alternatives the problems of the best match are reported. */
  matches = 0;

  /** `around`: the result of the enclosing validation, whose steps this one shares. */
  constructor(around?: Result) {
    this.#steps = around ? around.#steps : { left: stepsMax };
  }

  /** Throws `LimitExceeded`. */
  spend(steps: number): void {
    this.#steps.left -= steps;
    if (this.#steps.left < 0) throw new LimitExceeded(`to be validated in more than ${stepsMax} steps`);
  }

  get isValid(): boolean {
    return this.problems.length === 0;
  }

  /** The same problem is reported once. */
  add(problem: SchemaProblem): void {
    if (this.problems.length >= problemsMax || this.#has(problem)) return;
    this.#texts?.add(problem.text);
    this.problems.push(problem);
  }

  /** Forgets what was found after the first `count` problems. */
  cut(count: number): void {
    for (const { text } of this.problems.splice(count)) this.#texts?.delete(text);
  }

  #has({ text }: SchemaProblem): boolean {
    if (this.problems.length < fewProblems) return this.problems.some((known) => known.text === text);
    this.#texts ??= new Set(this.problems.map((known) => known.text));
    return this.#texts.has(text);
  }

  merge({ problems, matches }: Result): void {
    for (const problem of problems) this.add(problem);
    this.matches += matches;
  }
}

/** `prefix`: where the validated value is, `''` for a whole object. */
export function fieldErrorsOf({ problems }: Result, prefix: string): FieldError[] {
  return problems.map((problem) => {
    const path = (problem.path ?? '').replace(/^\./, '');
    return problem.asFieldError([prefix, path].filter((part) => part !== '').join('.') || noPath);
  });
}

/** As upstream prints an empty path. */
const noPath = '<nil>';

export function typeProblem(path: string, wanted: string, found: string): SchemaProblem {
  const text = `${path} in body must be of type ${wanted}: ${JSON.stringify(found)}`;
  return { path, text, asFieldError: (at) => typeInvalid(at, found, text) };
}

export function requiredProblem(path: string): SchemaProblem {
  return { path, text: `${path} in body is required`, asFieldError: (at) => required(at) };
}

export function enumProblem(path: string, value: unknown, allowed: readonly unknown[]): SchemaProblem {
  const supported = allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  const text = `${path} in body should be one of [${supported.join(' ')}]`;
  return { path, text, asFieldError: (at) => notSupported(at, value, supported) };
}

export function tooLongProblem(path: string, max: number): SchemaProblem {
  const text = `${path} in body should be at most ${max} chars long`;
  return { path, text, asFieldError: (at) => tooLong(at, max) };
}

export function tooManyProblem(path: string, noun: string, actual: number, max: number): SchemaProblem {
  const text = `${path} in body should have at most ${max} ${noun}`;
  return { path, text, asFieldError: (at) => tooMany(at, actual, max) };
}

/** Any other problem, with the invalid value. */
export function problem(path: string, text: string, value?: unknown): SchemaProblem {
  return { path, text, asFieldError: (at) => invalidValue(at, value ?? '', text) };
}

/** A problem that upstream reports without a path. */
export function pathlessProblem(text: string): SchemaProblem {
  return { text, asFieldError: (at) => invalidValue(at, '', text) };
}
