/** Macros with two variables, and the function that inserts into their maps. */

import type { Library } from '../declarations/environment.ts';
import { declare, overload } from '../declarations/function.ts';
import { mapInsert, twoVariableMacros } from '../syntax/two-variable-macros.ts';
import { mapType, typeParam } from '../types/type.ts';
import { insertAll, insertOne } from '../values/insert.ts';

const k = typeParam('K');
const v = typeParam('V');
const mapOfKV = mapType(k, v);

export const twoVariables: Library = {
  functions: [
    declare(
      mapInsert,
      overload('@mapInsert_map_key_value', [mapOfKV, k, v], mapOfKV, insertOne),
      overload('@mapInsert_map_map', [mapOfKV, mapOfKV], mapOfKV, insertAll),
    ),
  ],
  macros: twoVariableMacros,
};
