/** The language itself: its operators, functions, macros and types. */

import type { Library } from '../../declarations/environment.ts';
import { a, b } from '../../declarations/function.ts';
import { standardMacros } from '../../syntax/macros.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from '../../types/type.ts';
import { standardConversions } from './conversions.ts';
import { standardFunctions } from './functions.ts';
import { standardOperators } from './operators.ts';

export const standard: Library = {
  functions: [...standardOperators, ...standardConversions, ...standardFunctions],
  macros: standardMacros,
  types: [
    boolType,
    bytesType,
    doubleType,
    durationType,
    intType,
    listType(a),
    mapType(a, b),
    nullType,
    stringType,
    timestampType,
    typeType(),
    uintType,
  ],
};
