/** The macros with two variables: index and element of a list, key and value of a map. */

import { type Expr, operators } from './ast.ts';
import {
  allLoop,
  existsLoop,
  existsOneLoop,
  isAccumulator,
  type Loop,
  listLoop,
  loopOver,
  type Macro,
  overwrites,
  partsAt,
} from './macros.ts';

/** Adds one entry, or all of a map, to a map; fails where a key is there already. */
export const mapInsert = 'cel.@mapInsert';

/** `loop` makes the loop of the arguments after the variables; `key` is the name of the first variable. */
function macro(
  name: string,
  argCount: number,
  loop: (at: number, args: readonly Expr[], key: string) => Loop,
): Macro {
  return {
    name,
    argCount,
    isMethod: true,
    expand(at, args, target) {
      const [first, second] = args as readonly [Expr, Expr];
      for (const variable of [first, second]) {
        if (variable.kind !== 'ident') return { at: variable.at, problem: 'argument must be a simple name' };
      }
      if (first.kind !== 'ident' || second.kind !== 'ident') throw new Error('two identifiers');
      if (first.name === second.name) {
        return { at: second.at, problem: `duplicate variable name: ${first.name}` };
      }
      for (const variable of [first, second]) {
        if (isAccumulator(variable.name)) return { at: variable.at, problem: overwrites };
      }
      const variables = { variable: first.name, secondVariable: second.name };
      return loopOver(at, target!, variables, loop(at, args.slice(2), first.name));
    },
  };
}

/** The loop of `transformMap`: `insert` are the arguments of `mapInsert` after the map. */
function mapLoop(at: number, insert: readonly Expr[], predicate: Expr | undefined): Loop {
  const { literal, accumulator, call, map } = partsAt(at);
  const add = call(mapInsert, accumulator(), ...insert);
  return {
    initial: map(),
    condition: literal(true),
    step: predicate === undefined ? add : call(operators.conditional, predicate, add, accumulator()),
    result: accumulator(),
  };
}

export const twoVariableMacros: readonly Macro[] = [
  macro('all', 3, (at, [predicate]) => allLoop(at, predicate!)),
  macro('exists', 3, (at, [predicate]) => existsLoop(at, predicate!)),
  macro('exists_one', 3, (at, [predicate]) => existsOneLoop(at, predicate!)),
  macro('existsOne', 3, (at, [predicate]) => existsOneLoop(at, predicate!)),
  macro('transformList', 3, (at, [element]) => listLoop(at, element!, undefined)),
  macro('transformList', 4, (at, [predicate, element]) => listLoop(at, element!, predicate)),
  macro('transformMap', 3, (at, [value], key) => mapLoop(at, [partsAt(at).ident(key), value!], undefined)),
  macro('transformMap', 4, (at, [predicate, value], key) =>
    mapLoop(at, [partsAt(at).ident(key), value!], predicate),
  ),
  macro('transformMapEntry', 3, (at, [entry]) => mapLoop(at, [entry!], undefined)),
  macro('transformMapEntry', 4, (at, [predicate, entry]) => mapLoop(at, [entry!], predicate)),
];
