/** `list.sortBy(element, key)`: the keys are computed by a `map`, and the list is sorted by them. */

import { listLoop, loopOver, type Macro, partsAt } from './macros.ts';

/** Sorts a list by another list of the same size. */
export const sortByKeys = '@sortByAssociatedKeys';

const input = '@__sortBy_input__';

export const sortByMacro: Macro = {
  name: 'sortBy',
  argCount: 2,
  isMethod: true,
  expand(at, [variable, key], target) {
    const { bind, ident, method } = partsAt(at);
    if (target!.kind === 'literal' || target!.kind === 'map' || target!.kind === 'object') {
      return {
        at: target!.at,
        problem: 'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
      };
    }
    if (variable?.kind !== 'ident') return { at: variable!.at, problem: 'argument is not an identifier' };
    const keys = loopOver(at, ident(input), { variable: variable.name }, listLoop(at, key!, undefined));
    return bind(input, target!, method(ident(input), sortByKeys, keys));
  },
};
