/** The macros: calls that are replaced by a loop, a presence test or a conditional while parsing. */

import type { Value } from '../values/value.ts';
import { accumulatorName, type CallExpr, type Expr, type IdentExpr, operators } from './ast.ts';

/** The expression that replaces a macro, or a problem with its position. */
export type Expansion = Expr | { readonly at: number; readonly problem: string };

export interface Macro {
  readonly name: string;
  /** Without the receiver. */
  readonly argCount: number;
  /** Called as `target.name(…)`. */
  readonly isMethod: boolean;
  /** Undefined: it is an ordinary call. */
  expand(at: number, args: readonly Expr[], target: Expr | undefined): Expansion | undefined;
}

/** Makes the parts of an expansion, which all have the position of the macro. */
export function partsAt(at: number) {
  const parts = {
    literal: (value: Value): Expr => ({ kind: 'literal', at, value }),
    ident: (name: string): IdentExpr => ({ kind: 'ident', at, name }),
    accumulator: (): Expr => parts.ident(accumulatorName),
    list: (...elements: Expr[]): Expr => ({ kind: 'list', at, elements, optionals: new Set() }),
    map: (): Expr => ({ kind: 'map', at, entries: [] }),
    call: (name: string, ...args: Expr[]): CallExpr => ({ kind: 'call', at, name, args }),
    method: (target: Expr, name: string, ...args: Expr[]): CallExpr => ({
      kind: 'call',
      at,
      name,
      target,
      args,
    }),
    /** `variable` is the value of `initial` in `result`: a loop that never runs. */
    bind: (variable: string, initial: Expr, result: Expr): Expr => ({
      kind: 'comprehension',
      at,
      range: parts.list(),
      variable: '#unused',
      accumulator: variable,
      initial,
      condition: parts.literal(false),
      step: parts.ident(variable),
      result,
    }),
  };
  return parts;
}

/** The variables of a loop, by the arguments that name them. */
export interface LoopVariables {
  readonly variable: string;
  readonly secondVariable?: string;
}

export interface Loop {
  readonly initial: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export function loopOver(at: number, range: Expr, variables: LoopVariables, loop: Loop): Expr {
  return { kind: 'comprehension', at, range, ...variables, accumulator: accumulatorName, ...loop };
}

/** The loop of `all`. */
export function allLoop(at: number, predicate: Expr): Loop {
  const { literal, accumulator, call } = partsAt(at);
  return {
    initial: literal(true),
    condition: call(operators.notStrictlyFalse, accumulator()),
    step: call(operators.and, accumulator(), predicate),
    result: accumulator(),
  };
}

/** The loop of `exists`. */
export function existsLoop(at: number, predicate: Expr): Loop {
  const { literal, accumulator, call } = partsAt(at);
  return {
    initial: literal(false),
    condition: call(operators.notStrictlyFalse, call(operators.not, accumulator())),
    step: call(operators.or, accumulator(), predicate),
    result: accumulator(),
  };
}

/** The loop of `exists_one`. */
export function existsOneLoop(at: number, predicate: Expr): Loop {
  const { literal, accumulator, call } = partsAt(at);
  return {
    initial: literal(0),
    condition: literal(true),
    step: call(
      operators.conditional,
      predicate,
      call(operators.add, accumulator(), literal(1)),
      accumulator(),
    ),
    result: call(operators.equal, accumulator(), literal(1)),
  };
}

/** The loop of `map` and `filter`: adds `element` to a list, where `predicate` holds if there is one. */
export function listLoop(at: number, element: Expr, predicate: Expr | undefined): Loop {
  const { literal, accumulator, call, list } = partsAt(at);
  const add = call(operators.add, accumulator(), list(element));
  return {
    initial: list(),
    condition: literal(true),
    step: predicate === undefined ? add : call(operators.conditional, predicate, add, accumulator()),
    result: accumulator(),
  };
}

export const overwrites = 'iteration variable overwrites accumulator variable';

export const isAccumulator = (name: string) => name === accumulatorName || name === '__result__';

function macroOverVariable(
  name: string,
  argCount: number,
  notAName: string,
  loop: (at: number, args: readonly Expr[]) => Loop,
): Macro {
  return {
    name,
    argCount,
    isMethod: true,
    expand(at, args, target) {
      const [variable] = args;
      if (variable?.kind !== 'ident') return { at: variable!.at, problem: notAName };
      if (isAccumulator(variable.name)) return { at: variable.at, problem: overwrites };
      return loopOver(at, target!, { variable: variable.name }, loop(at, args));
    },
  };
}

const simpleName = 'argument must be a simple name';
const identifier = 'argument is not an identifier';

const has: Macro = {
  name: 'has',
  argCount: 1,
  isMethod: false,
  expand(at, [arg]) {
    if (arg?.kind !== 'select') return { at: arg!.at, problem: 'invalid argument to has() macro' };
    return { kind: 'select', at, operand: arg.operand, field: arg.field, isTest: true };
  },
};

export const standardMacros: readonly Macro[] = [
  has,
  macroOverVariable('all', 2, simpleName, (at, [, predicate]) => allLoop(at, predicate!)),
  macroOverVariable('exists', 2, simpleName, (at, [, predicate]) => existsLoop(at, predicate!)),
  macroOverVariable('exists_one', 2, simpleName, (at, [, predicate]) => existsOneLoop(at, predicate!)),
  macroOverVariable('existsOne', 2, simpleName, (at, [, predicate]) => existsOneLoop(at, predicate!)),
  macroOverVariable('map', 2, identifier, (at, [, element]) => listLoop(at, element!, undefined)),
  macroOverVariable('map', 3, identifier, (at, [, predicate, element]) => listLoop(at, element!, predicate)),
  macroOverVariable('filter', 2, identifier, (at, [variable, predicate]) =>
    listLoop(at, variable!, predicate),
  ),
];
