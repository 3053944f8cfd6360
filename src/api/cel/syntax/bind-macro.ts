/** The macro `cel.bind`. */

import { type Macro, partsAt } from './macros.ts';

export const bindMacro: Macro = {
  name: 'bind',
  argCount: 3,
  isMethod: true,
  expand(at, [variable, initial, result], target) {
    if (target?.kind !== 'ident' || target.name !== 'cel') return undefined;
    if (variable?.kind === 'ident') return partsAt(at).bind(variable.name, initial!, result!);
    return { at: variable!.at, problem: 'cel.bind() variable names must be simple identifiers' };
  },
};
