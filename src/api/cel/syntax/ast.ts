/** The syntax tree of an expression, with macros expanded. `at` is the index of the character that errors point to. */

import type { Value } from '../values/value.ts';

export interface LiteralExpr {
  readonly kind: 'literal';
  readonly at: number;
  readonly value: Value;
}

export interface IdentExpr {
  readonly kind: 'ident';
  readonly at: number;
  readonly name: string;
}

export interface SelectExpr {
  readonly kind: 'select';
  readonly at: number;
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)` */
  readonly isTest: boolean;
}

export interface CallExpr {
  readonly kind: 'call';
  readonly at: number;
  readonly name: string;
  /** Of a method. */
  readonly target?: Expr;
  readonly args: readonly Expr[];
}

export interface ListExpr {
  readonly kind: 'list';
  readonly at: number;
  readonly elements: readonly Expr[];
  /** The indices of the elements written as `?element`. */
  readonly optionals: ReadonlySet<number>;
}

export interface EntryExpr {
  readonly at: number;
  readonly key: Expr;
  readonly value: Expr;
  readonly isOptional: boolean;
}

export interface MapExpr {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: readonly EntryExpr[];
}

export interface FieldExpr {
  readonly at: number;
  readonly name: string;
  readonly value: Expr;
  readonly isOptional: boolean;
}

export interface ObjectExpr {
  readonly kind: 'object';
  readonly at: number;
  readonly typeName: string;
  readonly fields: readonly FieldExpr[];
}

export interface ComprehensionExpr {
  readonly kind: 'comprehension';
  readonly at: number;
  readonly range: Expr;
  readonly variable: string;
  /** Of a loop over indices and elements, or keys and values. */
  readonly secondVariable?: string;
  readonly accumulator: string;
  readonly initial: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export type Expr =
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | ObjectExpr
  | ComprehensionExpr;

/** The names of operators as functions, as upstream's messages show them. */
export const operators = {
  and: '_&&_',
  or: '_||_',
  not: '!_',
  negate: '-_',
  conditional: '_?_:_',
  equal: '_==_',
  notEqual: '_!=_',
  less: '_<_',
  lessEqual: '_<=_',
  greater: '_>_',
  greaterEqual: '_>=_',
  add: '_+_',
  subtract: '_-_',
  multiply: '_*_',
  divide: '_/_',
  modulo: '_%_',
  in: '@in',
  index: '_[_]',
  optionalIndex: '_[?_]',
  optionalSelect: '_?._',
  notStrictlyFalse: '@not_strictly_false',
} as const;

/** The accumulator of macros: a name that no expression can write. */
export const accumulatorName = '@result';

/** The direct parts of an expression, in the order of the source. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'object':
      return expr.fields.map(({ value }) => value);
    case 'comprehension':
      return [expr.range, expr.initial, expr.condition, expr.step, expr.result];
  }
}

/** `a.b.c` of selections on an identifier; undefined for all else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.isTest) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}

export const isPlainListOrMap = (expr: Expr): expr is ListExpr | MapExpr =>
  expr.kind === 'list' || expr.kind === 'map';
