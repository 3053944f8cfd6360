/** `cel.bind(name, value, result)`: `result`, in which `name` is `value`. */

import type { Library } from '../declarations/environment.ts';
import { bindMacro } from '../syntax/bind-macro.ts';

export const bindings: Library = { functions: [], macros: [bindMacro] };
