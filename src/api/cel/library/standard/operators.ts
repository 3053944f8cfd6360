/** The operators of the language: arithmetic, comparison, containment, and their overloads with upstream's names. */

import {
  a,
  b,
  declare,
  declareGeneric,
  type FunctionDeclaration,
  overload,
} from '../../declarations/function.ts';
import { operators } from '../../syntax/ast.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
  uintType,
} from '../../types/type.ts';
import { add, divide, modulo, multiply, negate, subtract } from '../../values/arithmetic.ts';
import { compareValues, isComparable } from '../../values/compare.ts';
import { contains } from '../../values/contains.ts';
import { ErrorValue, isError, noSuchOverload, type Value } from '../../values/value.ts';

const listOfA = listType(a);
const mapOfAB = mapType(a, b);

/** `(type, type) → type` */
const same = (id: string, type: CelType) => overload(id, [type, type], type);

const arithmetic: readonly FunctionDeclaration[] = [
  declareGeneric(
    operators.add,
    add,
    same('add_bytes', bytesType),
    same('add_double', doubleType),
    same('add_duration_duration', durationType),
    overload('add_duration_timestamp', [durationType, timestampType], timestampType),
    overload('add_timestamp_duration', [timestampType, durationType], timestampType),
    same('add_int64', intType),
    same('add_list', listOfA),
    same('add_string', stringType),
    same('add_uint64', uintType),
  ),
  declareGeneric(
    operators.subtract,
    subtract,
    same('subtract_double', doubleType),
    same('subtract_duration_duration', durationType),
    same('subtract_int64', intType),
    overload('subtract_timestamp_duration', [timestampType, durationType], timestampType),
    overload('subtract_timestamp_timestamp', [timestampType, timestampType], durationType),
    same('subtract_uint64', uintType),
  ),
  declareGeneric(
    operators.multiply,
    multiply,
    same('multiply_double', doubleType),
    same('multiply_int64', intType),
    same('multiply_uint64', uintType),
  ),
  declareGeneric(
    operators.divide,
    divide,
    same('divide_double', doubleType),
    same('divide_int64', intType),
    same('divide_uint64', uintType),
  ),
  declareGeneric(operators.modulo, modulo, same('modulo_int64', intType), same('modulo_uint64', uintType)),
  declareGeneric(
    operators.negate,
    negate,
    overload('negate_double', [doubleType], doubleType),
    overload('negate_int64', [intType], intType),
  ),
];

/** The pairs of types that have an order, by the end of the overload's name. */
const ordered: readonly (readonly [string, CelType, CelType])[] = [
  ['bool', boolType, boolType],
  ['int64', intType, intType],
  ['int64_double', intType, doubleType],
  ['int64_uint64', intType, uintType],
  ['uint64', uintType, uintType],
  ['uint64_double', uintType, doubleType],
  ['uint64_int64', uintType, intType],
  ['double', doubleType, doubleType],
  ['double_int64', doubleType, intType],
  ['double_uint64', doubleType, uintType],
  ['string', stringType, stringType],
  ['bytes', bytesType, bytesType],
  ['timestamp', timestampType, timestampType],
  ['duration', durationType, durationType],
];

function comparison(name: string, id: string, isTrue: (order: number) => boolean): FunctionDeclaration {
  return declareGeneric(
    name,
    (left: Value, right: Value) => {
      if (!isComparable(left)) return new ErrorValue(`no such overload: ${name}`);
      const order = compareValues(left, right);
      return isError(order as Value) ? (order as Value) : isTrue(order as number);
    },
    ...ordered.map(([end, left, right]) => overload(`${id}_${end}`, [left, right], boolType)),
  );
}

export const standardOperators: readonly FunctionDeclaration[] = [
  ...arithmetic,
  comparison(operators.less, 'less', (order) => order < 0),
  comparison(operators.lessEqual, 'less_equals', (order) => order <= 0),
  comparison(operators.greater, 'greater', (order) => order > 0),
  comparison(operators.greaterEqual, 'greater_equals', (order) => order >= 0),
  declare(operators.and, overload('logical_and', [boolType, boolType], boolType)),
  declare(operators.or, overload('logical_or', [boolType, boolType], boolType)),
  declareGeneric(
    operators.not,
    (value: Value) => (typeof value === 'boolean' ? !value : noSuchOverload),
    overload('logical_not', [boolType], boolType),
  ),
  declare(operators.conditional, overload('conditional', [boolType, a, a], a)),
  declare(operators.notStrictlyFalse, overload('not_strictly_false', [boolType], boolType)),
  declare(operators.equal, overload('equals', [a, a], boolType)),
  declare(operators.notEqual, overload('not_equals', [a, a], boolType)),
  declare(
    operators.index,
    overload('index_list', [listOfA, intType], a),
    overload('index_map', [mapOfAB, a], b),
  ),
  declareGeneric(
    operators.in,
    contains,
    overload('in_list', [a, listOfA], boolType),
    overload('in_map', [a, mapOfAB], boolType),
  ),
];
