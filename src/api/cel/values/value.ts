/**
 * The values of expressions. Most are JavaScript's: booleans, strings, null, bytes as `Uint8Array`, and ints as `number`
 * if that is exact, else as `bigint`. Values of all other types are an `ObjectValue`.
 */

import {
  boolType,
  bytesType,
  type CelType,
  CelType as CelTypeClass,
  doubleType,
  errorType,
  intType,
  nullType,
  stringType,
  typeType,
  uintType,
} from '../types/type.ts';

export type Value = boolean | string | number | bigint | null | Uint8Array | CelType | ObjectValue;

/** A value of a class of its own. */
export abstract class ObjectValue {
  abstract readonly type: CelType;
}

export class Uint extends ObjectValue {
  readonly type = uintType;
  readonly value: bigint;

  constructor(value: bigint) {
    super();
    this.value = value;
  }
}

export class Double extends ObjectValue {
  readonly type = doubleType;
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }
}

/** An error of an evaluation. `&&`, `||` and some macros continue after it, so it is a value and not thrown. */
export class ErrorValue extends ObjectValue {
  readonly type = errorType;
  readonly message: string;

  constructor(message: string) {
    super();
    this.message = message;
  }
}

export const isError = (value: Value): value is ErrorValue => value instanceof ErrorValue;

export const noSuchOverload = new ErrorValue('no such overload');

const typeOfTypes = typeType();

/** The type of a value while an expression is evaluated, without parameters. */
export function typeOfValue(value: Value): CelType {
  switch (typeof value) {
    case 'boolean':
      return boolType;
    case 'string':
      return stringType;
    case 'number':
    case 'bigint':
      return intType;
    default:
      if (value === null) return nullType;
      if (value instanceof ObjectValue) return value.type;
      if (value instanceof CelTypeClass) return typeOfTypes;
      return bytesType;
  }
}

/** Makes a value of plain JSON by a type; an error if it does not fit. */
export type View = (raw: unknown) => Value;

export const isInt = (value: Value): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

export const isBytes = (value: Value): value is Uint8Array => value instanceof Uint8Array;
