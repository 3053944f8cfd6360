/**
 * JSONPath as kubectl and the printer columns of definitions use it: `.a.b`, `.a[0]`, `.a[*].b`, `.a[1:3]`,
 * `['a.b']`, `..b`, `.a[?(@.type=="Ready")].status`. A path to an absent field has no results.
 */

import { isJsonObject } from '#wire/json/value.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'descendants' }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number; readonly by?: number }
  | { readonly kind: 'union'; readonly steps: readonly Step[] }
  | { readonly kind: 'filter'; readonly matches: (item: unknown) => boolean };

export type JsonPath = (value: unknown) => unknown[];

/** Undefined for an invalid path. */
export function jsonPath(text: string): JsonPath | undefined {
  const steps = parse(text);
  return (
    steps &&
    ((value) => steps.reduce<unknown[]>((found, step) => found.flatMap((at) => take(at, step)), [value]))
  );
}

const pieces =
  /\.\.(?=[^[])|\.\.|\.((?:\\.|[^.[\]\s])+)|\[\?\((.+?)\)\]|\['([^']*)'\]|\[([^\]']*)\]|[@$]|((?:\\.|[\w-])+)/y;

function parse(text: string): Step[] | undefined {
  const steps: Step[] = [];
  pieces.lastIndex = 0;
  while (pieces.lastIndex < text.length) {
    if (text.slice(pieces.lastIndex) === '.') return steps;
    const match = pieces.exec(text);
    if (!match) return undefined;
    const end = pieces.lastIndex;
    const step = stepOf(match);
    pieces.lastIndex = end;
    if (step === undefined) return undefined;
    if (step !== 'here') steps.push(step);
  }
  return steps;
}

function stepOf([whole, field, filter, quoted, index, bare]: RegExpExecArray): Step | 'here' | undefined {
  if (whole === '@' || whole === '$') return 'here';
  if (whole === '..') return { kind: 'descendants' };
  const name = field ?? quoted ?? bare;
  if (name === '*') return { kind: 'all' };
  if (name !== undefined) return { kind: 'field', name: name.replaceAll('\\', '') };
  if (filter !== undefined) return filterOf(filter);
  return sliceOf(index ?? '');
}

function sliceOf(text: string): Step | undefined {
  if (text === '*') return { kind: 'all' };
  if (text.includes(',')) {
    const steps = text.split(',').map((part) => sliceOf(part.trim()));
    return steps.every((step) => step !== undefined) ? { kind: 'union', steps } : undefined;
  }
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (!match || text === '') return undefined;
  const number = (part: string | undefined) =>
    part === undefined || part === '' || part === ':' ? undefined : Number(part.replace(':', ''));
  const from = number(match[1]);
  const to =
    match[2] === undefined && from !== undefined ? from + 1 || Number.POSITIVE_INFINITY : number(match[2]);
  const by = number(match[3]);
  return {
    kind: 'slice',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(by === undefined ? {} : { by }),
  };
}

type Compare = (a: unknown, b: unknown) => boolean;

const comparisons: Readonly<Record<string, Compare>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => isOrdered(a, b) && (a as number) < (b as number),
  '>': (a, b) => isOrdered(a, b) && (a as number) > (b as number),
  '<=': (a, b) => isOrdered(a, b) && (a as number) <= (b as number),
  '>=': (a, b) => isOrdered(a, b) && (a as number) >= (b as number),
};

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isOrdered(a: unknown, b: unknown): boolean {
  return isNumber(a) ? isNumber(b) : typeof a === 'string' && typeof b === 'string';
}

function filterOf(text: string): Step | undefined {
  const [, left, operator, right] = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text) ?? [];
  const select = operand(left ?? text);
  if (!select) return undefined;
  if (operator === undefined) return { kind: 'filter', matches: (item) => select(item).length > 0 };
  const other = operand(right!);
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (!other || !compare) return undefined;
  return {
    kind: 'filter',
    matches(item) {
      const [a, ...moreA] = select(item);
      const [b, ...moreB] = other(item);
      if (a === undefined || moreA.length > 0 || moreB.length > 0) return false;
      return compare(a, b);
    },
  };
}

function operand(given: string): JsonPath | undefined {
  const text = given.trim();
  const [, quoted] = /^(?:"(.*)"|'(.*)')$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  if (quoted !== undefined) return () => [quoted];
  if (text === 'true' || text === 'false') return () => [text === 'true'];
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) return () => [Number(text)];
  return jsonPath(text);
}

function take(value: unknown, step: Step): unknown[] {
  switch (step.kind) {
    case 'field':
      return isJsonObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'all':
      return childrenOf(value);
    case 'descendants':
      return descendantsOf(value);
    case 'union':
      return step.steps.flatMap((each) => take(value, each));
    case 'filter':
      return Array.isArray(value) ? value.filter(step.matches) : [];
    case 'slice':
      return Array.isArray(value) ? slice(value, step) : [];
  }
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function descendantsOf(value: unknown): unknown[] {
  return [value, ...childrenOf(value).flatMap(descendantsOf)];
}

function slice(
  list: readonly unknown[],
  { from = 0, to, by = 1 }: { from?: number; to?: number; by?: number },
) {
  const part = list.slice(from, to === Number.POSITIVE_INFINITY ? undefined : to);
  return by > 1 ? part.filter((_, i) => i % by === 0) : part;
}
